"""Sees through damage: how blurred and noisy a photograph is, and views of it that restore what they can."""

from services.restoration.quality import Quality
from services.restoration.views import Views, views_of

__all__ = ["Quality", "Views", "views_of"]
