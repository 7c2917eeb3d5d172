"""Compares a trained convolutional network with an image-text model on one folder of classes."""

from services.compare.encoder_side import EncoderSide
from services.compare.examples import Collected, Examples, collect
from services.compare.outcome import Comparison
from services.compare.report import report_files, table
from services.compare.service import Comparer, Plan

__all__ = [
    "Collected",
    "Comparer",
    "Comparison",
    "EncoderSide",
    "Examples",
    "Plan",
    "collect",
    "report_files",
    "table",
]
