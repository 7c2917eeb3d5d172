"""Puts a right-to-left line, read as it stands in the picture, into the order of speech."""

import re

LEFT_TO_RIGHT = re.compile(r"[a-zA-Z0-9 :*./%+-]+|.", re.DOTALL)
"""A run that is written left to right inside such a line (numbers, dates, Latin words), or one character. The
characters of a run are those of PaddleOCR's `BaseRecLabelDecode.pred_reverse`, which this follows."""


def spoken_order(text: str) -> str:
    """The line from its right end to its left, runs of numbers and Latin letters left as they are."""
    return "".join(reversed(LEFT_TO_RIGHT.findall(text)))
