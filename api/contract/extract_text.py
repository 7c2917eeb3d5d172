"""GET and POST /extract_text/{file_id}: path, options and answer."""

from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import Answer, ModelEntry, answer_config
from domain.text import Point, TextLine
from services.text.service import TextOptions, TextResult

DEFAULT_MIN_TEXT_CONFIDENCE = TextOptions().min_confidence


class ExtractTextPath(BaseModel):
    """The image whose text is read."""

    file_id: str = Field(description="Id of the image, from POST /upload.", min_length=1, max_length=200)


class ExtractTextQuery(BaseModel):
    """The options, as query parameters."""

    model_config = ConfigDict(extra="forbid")

    min_confidence: float = Field(
        DEFAULT_MIN_TEXT_CONFIDENCE,
        ge=0,
        le=1,
        description="Least confidence of a line of text; other lines are left out.",
    )


class ExtractTextRequest(ExtractTextQuery):
    """The options, as a JSON body."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TextLineEntry(BaseModel):
    """One line of text."""

    text: str = Field(min_length=1, description="The characters of the line.")
    confidence: float = Field(ge=0, le=1, description="Mean probability of the characters.")
    quad: tuple[Point, Point, Point, Point] = Field(
        description="Corners [x, y] in pixels of the upright image, clockwise from the top left of the text."
    )


class ExtractTextAnswer(Answer):
    """The text of an image; an empty string and an empty list where there is none."""

    model_config = answer_config(
        {
            "text": "EXIT",
            "lines": [{"text": "EXIT", "confidence": 0.98, "quad": [[10, 20], [90, 20], [90, 44], [10, 44]]}],
            "width": 600,
            "height": 400,
        }
    )

    text: str = Field(
        description="Text in reading order, with a newline after each row and an empty line between blocks."
    )
    lines: list[TextLineEntry] = Field(description="Lines, in the order of `text`.")
    width: int = Field(description="Width of the upright image in pixels.")
    height: int = Field(description="Height of the upright image in pixels.")
    detection_scale: float | None = Field(
        None,
        description="Scale to which the image was shrunk while lines were looked for; absent where it was "
        "not shrunk. Print lower than about 5 pixels at this scale may be missed.",
    )


SCALE_DECIMALS = 4

TEXT_CONFIDENCE_DECIMALS = 4

QUAD_DECIMALS = 1


def extract_text_answer(result: TextResult) -> ExtractTextAnswer:
    """Return the answer of /extract_text."""
    answer = ExtractTextAnswer(
        text=result.text,
        lines=[_text_line(line) for line in result.lines],
        width=result.width,
        height=result.height,
        models={"text": ModelEntry.of(result.reader)},
    )
    if result.scale < 1:
        answer.detection_scale = round(result.scale, SCALE_DECIMALS)
    return answer


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
