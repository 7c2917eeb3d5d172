"""The body and the form of POST /classify."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.contract.common import (
    MAX_INT32,
    SCORE_DECIMALS,
    Answer,
    ErrorBody,
    FileId,
    IntegralNumber,
    LabelScoreEntry,
    LabelTexts,
    UnitFloat,
    VocabularyName,
    label_score_entry,
)
from api.http.images import RequestImage
from services.classify.damage import ImageQuality
from services.classify.service import Classification
from services.images.png import png_data_url

MAX_CLASSIFY_IMAGES = 100


class ClassifyFields(BaseModel):
    """What pictures may be called, and what to answer with."""

    model_config = ConfigDict(extra="forbid", strict=True)

    labels: LabelTexts | None = Field(None, description="Names to choose from; repeated ones count once.")
    vocabulary: VocabularyName | None = Field(
        None, description="A vocabulary of GET /labels instead of `labels`."
    )
    lang: str | None = Field(
        None, max_length=20, description="Language that names are answered in, e.g. `de`; see GET /labels."
    )
    top_k: IntegralNumber = Field(
        5, ge=1, le=MAX_INT32, description="How many alternatives, at most the size of the vocabulary."
    )
    confidence_threshold: UnitFloat = Field(0.0, description="A best name below it becomes `unknown`.")
    plot: bool = Field(False, description="true adds a bar chart of the best names.")
    robust: bool = Field(
        False, description="true averages over views that see through blur, noise, blocks and darkness."
    )


class ClassifyRequest(ClassifyFields):
    """A classification of uploaded photographs."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"file_id": "0123456789abcdef0123456789abcdef", "labels": ["cat", "dog"]}]
        }
    )

    file_id: FileId | None = Field(None, description="From POST /upload.")
    file_ids: list[FileId] | None = Field(
        None,
        min_length=1,
        max_length=MAX_CLASSIFY_IMAGES,
        description="Several instead; one that is wrong spoils no other.",
    )

    @model_validator(mode="after")
    def _check_exactly_one(self) -> Self:
        if (self.file_id is None) == (self.file_ids is None):
            raise ValueError("expected `file_id` or `file_ids`, and not both")
        return self


class ImageQualityEntry(BaseModel):
    """What is wrong with a photograph, estimated from its pixels."""

    blur: float = Field(
        ge=0,
        description="Sigma, in pixels of the upright image, of the Gaussian that would blur sharp edges as "
        "its edges are blurred; about 0.7 for a sharp photograph, 0 where it has no edges.",
    )
    noise: float = Field(ge=0, description="Deviation of its noise, in grey levels (0 to 255).")

    @classmethod
    def of(cls, quality: ImageQuality) -> Self:
        """What answers tell of it."""
        return cls(blur=round(quality.blur, 2), noise=round(quality.noise, 2))


class ClassifyEntry(BaseModel):
    """One photograph; `error` instead of names where it is one of several and cannot be used."""

    file_id: str | None = Field(None, description="As sent; absent for images in the request.")
    name: str | None = Field(None, description="File name as sent; absent for uploaded photographs.")
    label: str | None = Field(None, description="The best name, or `unknown`.")
    confidence: float | None = Field(
        None, ge=0, le=1, description="Probability over the vocabulary plus the reject class."
    )
    alternatives: list[LabelScoreEntry] | None = Field(None, description="The top_k names, best first.")
    unknown: float | None = Field(None, ge=0, le=1, description="Probability that none of the names fits.")
    plot: str | None = Field(None, description="Bar chart as a PNG data URL; absent unless asked for.")
    quality: ImageQualityEntry | None = Field(None, description="Absent unless `robust`.")
    error: ErrorBody | None = Field(None, description="Why it could not be classified.")


class ClassifyAnswer(Answer):
    """What each photograph is, in the order sent."""

    results: list[ClassifyEntry]


def classify_entry(source: RequestImage, found: Classification) -> ClassifyEntry:
    """Return the entry of one image."""
    return ClassifyEntry(
        **source.named,
        label=found.label,
        confidence=round(found.confidence, SCORE_DECIMALS),
        alternatives=[label_score_entry(score) for score in found.scores],
        unknown=round(found.unknown, SCORE_DECIMALS),
        **({} if found.plot is None else {"plot": png_data_url(found.plot)}),
        **({} if found.quality is None else {"quality": ImageQualityEntry.of(found.quality)}),
    )
