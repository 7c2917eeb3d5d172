"""Turns text that was read into its answer; the command line writes the same JSON."""

from api.contract.common import ModelEntry
from api.contract.extract_text import TextAnswer, TextLineSchema
from domain.text import Point, TextLine
from services.text.service import TextResult

CONFIDENCE_DECIMALS = 4
PIXEL_DECIMALS = 1


def text_answer(result: TextResult) -> TextAnswer:
    """The answer of /extract_text."""
    return TextAnswer(
        text=result.text,
        lines=[_line(line) for line in result.lines],
        width=result.width,
        height=result.height,
        models={"text": ModelEntry.of(result.reader)},
    )


def _line(line: TextLine) -> TextLineSchema:
    top_left, top_right, bottom_right, bottom_left = line.quad
    return TextLineSchema(
        text=line.text,
        confidence=round(line.confidence, CONFIDENCE_DECIMALS),
        quad=(_point(top_left), _point(top_right), _point(bottom_right), _point(bottom_left)),
    )


def _point(point: Point) -> Point:
    return round(point[0], PIXEL_DECIMALS), round(point[1], PIXEL_DECIMALS)
