"""Members that several endpoints have: the envelope of answers, errors, images, labels and points."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from domain.errors import InvalidRequest, ServiceError, error_body
from domain.labels import LabelScore, Vocabulary
from domain.masks import Prompt, Rle
from domain.models import ModelInfo, View
from services.labels.confidence import LabelOptions
from services.vocabularies.library import Vocabularies


class ModelEntry(BaseModel):
    """The model that answered, or the reason why none did."""

    name: str | None = Field(None, description="Name of the model in the manifest.")
    sha256: str | None = Field(None, description="SHA-256 of its weights.")
    error: str | None = Field(None, description="Reason why no model answered.")

    @classmethod
    def of(cls, info: ModelInfo) -> "ModelEntry":
        """Return the entry of a model that answered."""
        return cls(name=info.name, sha256=info.sha256)


def _mark_required(*labels: str) -> Callable[[dict[str, Any]], None]:
    """Return a hook that marks members with defaults as always present in the schema."""

    def complete(schema: dict[str, Any]) -> None:
        schema["required"] = [*labels, *(name for name in schema.get("required", []) if name not in labels)]

    return complete


class Answer(BaseModel):
    """The envelope of every answer."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra=_mark_required("success", "models", "timings_ms")
    )

    success: Literal[True] = Field(True, description="True, because the request succeeded.")
    models: dict[str, ModelEntry] = Field(
        default_factory=dict, description="Models that answered, by role such as `segmenter`."
    )
    timings_ms: dict[str, float] = Field(
        default_factory=dict, description="Milliseconds by stage, and their sum as `total`."
    )

    def model_post_init(self, _context: object) -> None:
        """Mark the envelope as set, since members that are not set are left out of the JSON."""
        self.model_fields_set.update(("success", "models", "timings_ms"))


def answer_config(example: dict[str, Any]) -> ConfigDict:
    """Return the configuration of an answer with an example for the API documents."""
    complete = _mark_required("success", "models", "timings_ms")

    def extend(schema: dict[str, Any]) -> None:
        complete(schema)
        schema["example"] = {"success": True, **example}

    return ConfigDict(json_schema_extra=extend)


class ErrorBody(BaseModel):
    """Code, message and details of an error."""

    code: str = Field(description="Stable code for programs.", json_schema_extra={"example": "not_found"})
    message: str = Field(description="Message for people; it says what was expected and what was received.")
    details: dict[str, Any] = Field(description="Facts for programs, such as limits and names.")

    @classmethod
    def of(cls, error: ServiceError) -> "ErrorBody":
        """Return the body of an error."""
        return cls.model_validate(error_body(error))


class ErrorAnswer(BaseModel):
    """The shape of every error, including 404, 405 and 500."""

    model_config = ConfigDict(json_schema_extra=_mark_required("success"))

    success: Literal[False] = Field(False, description="False, because the request failed.")
    error: ErrorBody


def answer_json(answer: Answer) -> str:
    """Return the JSON text of an answer, without the members that were not set."""
    return answer.model_dump_json(exclude_unset=True)


def iso_utc(seconds: float | None) -> str | None:
    """Return Unix seconds as ISO 8601 in UTC; None stays None."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


FileId = Annotated[str, Field(min_length=1, max_length=64)]

EXAMPLE_FILE_ID = "0123456789abcdef0123456789abcdef"

FiniteNumber = Annotated[float, Field(allow_inf_nan=False)]

UnitFloat = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


def _integral_to_int(value: object) -> object:
    """Turn 16.0 into 16, which are one number in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


IntegralNumber = Annotated[int, BeforeValidator(_integral_to_int)]

MAX_INT32 = 2**31 - 1

LabelText = Annotated[str, Field(min_length=1, max_length=200)]

LabelTexts = Annotated[list[LabelText], Field(min_length=1, max_length=1000)]

VocabularyName = Annotated[str, Field(min_length=1, max_length=80)]

LanguageCode = Annotated[str, Field(max_length=20)]

LABELS_LANG_DESCRIPTION = (
    "Language code of `labels`, such as `de`; a labeller that reads English only gets their English texts."
)


class VocabularyFields(BaseModel):
    """The labels to choose from."""

    model_config = ConfigDict(extra="forbid", strict=True)

    labels: LabelTexts | None = Field(
        None,
        description="Labels to choose from, read as they are written. Labels that are equal but for case "
        "count once.",
    )
    labels_lang: LanguageCode | None = Field(None, description=LABELS_LANG_DESCRIPTION)
    vocabulary: VocabularyName | None = Field(
        None, description="Name of a vocabulary (see GET /labels) instead of `labels`."
    )
    lang: LanguageCode | None = Field(
        None,
        description="Language code in which the answer names labels of the default vocabulary, such as `de`; "
        "see GET /labels.",
    )
    confidence_threshold: UnitFloat = Field(
        0.0, description="Least confidence; if the best label is below it, the label is `unknown`."
    )


def label_options(
    request: VocabularyFields, vocabularies: Vocabularies, view: View | None = None, top_k: int = 1
) -> LabelOptions:
    """Return the options of labelling.

    Raises:
        InvalidRequest: The labels or the vocabulary cannot be used.
    """
    vocabulary = vocabularies.resolve(request.labels, request.vocabulary, request.lang, request.labels_lang)
    return LabelOptions(vocabulary, view, top_k, request.confidence_threshold)


class PointPrompt(BaseModel):
    """A point on the object, or a point that is not part of it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    x: FiniteNumber = Field(description="Pixels from the left edge of the upright image.")
    y: FiniteNumber = Field(description="Pixels from the top edge of the upright image.")
    label: IntegralNumber = Field(
        1, ge=0, le=1, description="1 for a point on the object, 0 for a point that is not part of it."
    )


READ_AS_DESCRIPTION = (
    "English text that the labeller read instead of the label, because of `labels_lang`; absent where it "
    "read the label itself."
)


class LabelScoreEntry(BaseModel):
    """A label and its probability."""

    label: str = Field(description="Label of the vocabulary.")
    confidence: float = Field(ge=0, le=1, description="Probability of the label.")
    read_as: str | None = Field(None, description=READ_AS_DESCRIPTION)


BodyT = TypeVar("BodyT", bound=BaseModel)


class LangQuery(BaseModel):
    """The language as a query parameter; it may be sent in the body instead."""

    model_config = ConfigDict(extra="forbid")

    lang: LanguageCode | None = Field(
        None,
        description="Language code in which the answer names labels; the member `lang` of the body takes "
        "precedence.",
    )


def apply_lang_query(body: BodyT, query: LangQuery) -> BodyT:
    """Return the body with the language of the query, unless the body has one.

    Raises:
        InvalidRequest: The endpoint has no labels that could be translated.
    """
    if query.lang is None:
        return body
    if "lang" not in type(body).model_fields:
        raise InvalidRequest(f"lang: expected no language for this endpoint, got {query.lang!r}")
    if getattr(body, "lang") is not None:  # noqa: B009
        return body
    return body.model_copy(update={"lang": query.lang})


SCORE_DECIMALS = 4


def round_cosine(cosine: float) -> float:
    """Return a cosine clipped to -1..1 and rounded as in answers."""
    return round(min(1.0, max(-1.0, cosine)), SCORE_DECIMALS)


def points_box_prompt(
    points: Sequence[PointPrompt], box: Sequence[float] | None, mask: Rle | None = None
) -> Prompt:
    """Return points, a box, a mask or several of these as one prompt."""
    return Prompt(
        np.array([[point.x, point.y] for point in points], np.float64).reshape(-1, 2),
        np.array([point.label for point in points], np.int64),
        None if box is None else np.array(box, np.float64),
        mask,
    )


def label_score_entry(score: LabelScore) -> LabelScoreEntry:
    """Return the entry of a label and its probability."""
    read_as = {} if score.read_as is None else {"read_as": score.read_as}
    return LabelScoreEntry(label=score.label, confidence=round(score.confidence, SCORE_DECIMALS), **read_as)


class MergedLabelEntry(BaseModel):
    """A label that was sent several times."""

    label: str = Field(description="The label as it was sent first; it stands for all of them.")
    sent: list[str] = Field(description="The other spellings that were sent, in order.")


class LabelledAnswer(Answer):
    """An answer about labels of the request, with notes where they were not taken one by one as they are."""

    merged_labels: list[MergedLabelEntry] | None = Field(
        None,
        description="Labels that were sent several times, or differ only in case or in the encoding of "
        "accents; each counts once. Absent where there are none.",
    )
    untranslated_labels: list[str] | None = Field(
        None,
        description="Words for which no English text is known in the language `labels_lang`, so that they "
        "were read as they are. Absent where there are none.",
    )


def label_notes(vocabulary: Vocabulary | None) -> dict[str, Any]:
    """Return the members of a LabelledAnswer that are not absent."""
    if vocabulary is None:
        return {}
    notes: dict[str, Any] = {}
    if vocabulary.merged:
        notes["merged_labels"] = [
            MergedLabelEntry(label=one.label, sent=[*one.sent]) for one in vocabulary.merged
        ]
    if vocabulary.untranslated:
        notes["untranslated_labels"] = [*vocabulary.untranslated]
    return notes
