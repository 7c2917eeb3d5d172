"""The request and the answer of /extract_text."""

from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import Answer
from domain.text import Point
from services.text.service import TextOptions

DEFAULT_MIN_CONFIDENCE = TextOptions().min_confidence


class TextPath(BaseModel):
    """Which photograph."""

    file_id: str = Field(description="From /upload.", min_length=1, max_length=200)


class TextQuery(BaseModel):
    """Options in the address."""

    model_config = ConfigDict(extra="forbid")

    min_confidence: float = Field(
        DEFAULT_MIN_CONFIDENCE, ge=0, le=1, description="Lines read with less confidence are left out."
    )


class TextBody(TextQuery):
    """The same options in the body."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TextLineSchema(BaseModel):
    """One line of text."""

    text: str = Field(min_length=1)
    confidence: float = Field(ge=0, le=1, description="Mean probability of its characters.")
    quad: tuple[Point, Point, Point, Point] = Field(
        description="Corners [x, y] in pixels of the upright image, clockwise from the text's own top left."
    )


class TextAnswer(Answer):
    """The text of a photograph; an empty string and an empty list where there is none."""

    text: str = Field(description="In reading order: a newline after each row, an empty line between blocks.")
    lines: list[TextLineSchema] = Field(description="In the same order.")
    width: int = Field(description="Pixels of the upright image.")
    height: int = Field(description="Pixels of the upright image.")
