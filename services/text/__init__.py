"""Text of a photograph, in reading order."""

from services.text.service import TextOptions, TextResult, TextService

__all__ = ["TextOptions", "TextResult", "TextService"]
