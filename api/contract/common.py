"""The envelope of every JSON answer, and the one shape of every error."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from domain.errors import InvalidRequest, ServiceError
from domain.labels import LabelScore
from domain.masks import Prompt
from domain.models import ModelInfo


class ModelEntry(BaseModel):
    """Which model answered, or why none did."""

    name: str | None = Field(None, description="As in the manifest.")
    sha256: str | None = Field(None, description="Of its weights.")
    error: str | None = Field(None, description="Why it did not answer.")

    @classmethod
    def of(cls, info: ModelInfo) -> "ModelEntry":
        """The entry of a model that answered."""
        return cls(name=info.name, sha256=info.sha256)


def _mark_required(*labels: str) -> Callable[[dict[str, Any]], None]:
    """Says in the schema that members with defaults are never left out."""

    def complete(schema: dict[str, Any]) -> None:
        schema["required"] = [*labels, *(name for name in schema.get("required", []) if name not in labels)]

    return complete


class Answer(BaseModel):
    """What every answer carries."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra=_mark_required("success", "models", "timings_ms")
    )

    success: Literal[True] = True
    models: dict[str, ModelEntry] = Field(default_factory=dict, description="Models by job.")
    timings_ms: dict[str, float] = Field(default_factory=dict, description="Milliseconds by stage.")

    def model_post_init(self, _context: object) -> None:
        """Count the envelope as set: what is not set is left out of the JSON."""
        self.model_fields_set.update(("success", "models", "timings_ms"))


class ErrorBody(BaseModel):
    """What went wrong."""

    code: str = Field(description="Stable, for programs.", examples=["not_found"])
    message: str = Field(description="What was expected and what came, for people.")
    details: dict[str, Any] = Field(description="Facts behind the message, for programs.")

    @classmethod
    def of(cls, error: ServiceError) -> "ErrorBody":
        """The body of an error."""
        return cls(code=error.code, message=error.message, details=error.details)


class ErrorAnswer(BaseModel):
    """The one shape of every error, 404, 405 and 500 included."""

    model_config = ConfigDict(json_schema_extra=_mark_required("success"))

    success: Literal[False] = False
    error: ErrorBody


def answer_json(answer: Answer) -> str:
    """The JSON text of an answer."""
    return answer.model_dump_json(exclude_unset=True)


def iso_utc(seconds: float | None) -> str | None:
    """Unix seconds as ISO 8601, UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


FileId = Annotated[str, Field(min_length=1, max_length=64)]

MAX_BATCH_IMAGES = 1000

EXAMPLE_FILE_ID = "0123456789abcdef0123456789abcdef"


class ImageRequest(BaseModel):
    """A request about one photograph."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"file_id": EXAMPLE_FILE_ID}]})

    file_id: FileId = Field(description="From POST /upload.")
    run_async: bool = Field(
        False, alias="async", description="true answers 202 at once with a job that does it; see /jobs."
    )


class ImageBatchRequest(BaseModel):
    """A job about many photographs."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"file_ids": [EXAMPLE_FILE_ID]}]})

    file_ids: list[FileId] = Field(
        min_length=1,
        max_length=MAX_BATCH_IMAGES,
        description="From POST /upload; one that is wrong spoils no other.",
    )


FiniteNumber = Annotated[float, Field(allow_inf_nan=False)]

UnitFloat = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


def _integral_to_int(value: object) -> object:
    """16.0 is an integer in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


IntegralNumber = Annotated[int, BeforeValidator(_integral_to_int)]

MAX_INT32 = 2**31 - 1

LabelText = Annotated[str, Field(min_length=1, max_length=200)]

LabelTexts = Annotated[list[LabelText], Field(min_length=1, max_length=1000)]

VocabularyName = Annotated[str, Field(min_length=1, max_length=80)]


class PointPrompt(BaseModel):
    """A point on the object, or off it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    x: FiniteNumber = Field(description="Pixels from the left edge of the upright image.")
    y: FiniteNumber = Field(description="Pixels from its top edge.")
    label: IntegralNumber = Field(1, ge=0, le=1, description="1: on the object; 0: not part of it.")


class LabelScoreEntry(BaseModel):
    """A name and its probability."""

    label: str
    confidence: float = Field(ge=0, le=1)


BodyT = TypeVar("BodyT", bound=BaseModel)


class LangQuery(BaseModel):
    """The language may stand in the address as well."""

    model_config = ConfigDict(extra="forbid")

    lang: str | None = Field(None, max_length=20, description="As the member `lang`, which comes first.")


def apply_lang_query(body: BodyT, query: LangQuery) -> BodyT:
    """The body with the language of the address, if it has none of its own.

    Raises:
        InvalidRequest: Nothing is named in a language here.
    """
    if query.lang is None:
        return body
    if "lang" not in type(body).model_fields:
        raise InvalidRequest(f"lang: expected no language here, got {query.lang!r}")
    if getattr(body, "lang") is not None:  # noqa: B009
        return body
    return body.model_copy(update={"lang": query.lang})


SCORE_DECIMALS = 4


def round_cosine(cosine: float) -> float:
    """A cosine as answers give it."""
    return round(min(1.0, max(-1.0, cosine)), SCORE_DECIMALS)


def points_box_prompt(points: Sequence[PointPrompt], box: Sequence[float] | None) -> Prompt:
    """Points, a box or both as one prompt."""
    return Prompt(
        np.array([[point.x, point.y] for point in points], np.float64).reshape(-1, 2),
        np.array([point.label for point in points], np.int64),
        None if box is None else np.array(box, np.float64),
    )


def label_score_entry(score: LabelScore) -> LabelScoreEntry:
    """A name and its probability."""
    return LabelScoreEntry(label=score.label, confidence=round(score.confidence, SCORE_DECIMALS))
