"""The request and the answer of /extract_text."""

from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import Answer, ModelEntry
from domain.text import Point, TextLine
from services.text.service import TextOptions, TextResult

DEFAULT_MIN_TEXT_CONFIDENCE = TextOptions().min_confidence


class ExtractTextPath(BaseModel):
    """Which photograph."""

    file_id: str = Field(description="From /upload.", min_length=1, max_length=200)


class ExtractTextQuery(BaseModel):
    """Options in the address."""

    model_config = ConfigDict(extra="forbid")

    min_confidence: float = Field(
        DEFAULT_MIN_TEXT_CONFIDENCE, ge=0, le=1, description="Lines read with less confidence are left out."
    )


class ExtractTextRequest(ExtractTextQuery):
    """The same options in the body."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TextLineEntry(BaseModel):
    """One line of text."""

    text: str = Field(min_length=1)
    confidence: float = Field(ge=0, le=1, description="Mean probability of its characters.")
    quad: tuple[Point, Point, Point, Point] = Field(
        description="Corners [x, y] in pixels of the upright image, clockwise from the text's own top left."
    )


class ExtractTextAnswer(Answer):
    """The text of a photograph; an empty string and an empty list where there is none."""

    text: str = Field(description="In reading order: a newline after each row, an empty line between blocks.")
    lines: list[TextLineEntry] = Field(description="In the same order.")
    width: int = Field(description="Pixels of the upright image.")
    height: int = Field(description="Pixels of the upright image.")


TEXT_CONFIDENCE_DECIMALS = 4

QUAD_DECIMALS = 1


def extract_text_answer(result: TextResult) -> ExtractTextAnswer:
    """The answer of /extract_text."""
    return ExtractTextAnswer(
        text=result.text,
        lines=[_text_line(line) for line in result.lines],
        width=result.width,
        height=result.height,
        models={"text": ModelEntry.of(result.reader)},
    )


def _text_line(line: TextLine) -> TextLineEntry:
    top_left, top_right, bottom_right, bottom_left = line.quad
    return TextLineEntry(
        text=line.text,
        confidence=round(line.confidence, TEXT_CONFIDENCE_DECIMALS),
        quad=(
            _round_corner(top_left),
            _round_corner(top_right),
            _round_corner(bottom_right),
            _round_corner(bottom_left),
        ),
    )


def _round_corner(point: Point) -> Point:
    return round(point[0], QUAD_DECIMALS), round(point[1], QUAD_DECIMALS)
