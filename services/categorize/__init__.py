"""Sorts the photographs of a folder into one folder for each name."""

from services.categorize.naming import BatchNamer
from services.categorize.order import Order
from services.categorize.outcome import Outcome
from services.categorize.reports import REPORTS, write_reports
from services.categorize.service import Categorizer

__all__ = ["REPORTS", "BatchNamer", "Categorizer", "Order", "Outcome", "write_reports"]
