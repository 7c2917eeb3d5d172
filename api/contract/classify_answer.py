"""The answer of POST /classify."""

from typing import Self

from pydantic import BaseModel, Field

from api.contract.common import Answer, ErrorBody
from api.contract.segment_answer import LabelScoreSchema
from services.classify.damage import Quality


class QualitySchema(BaseModel):
    """What is wrong with a photograph, estimated from its pixels."""

    blur: float = Field(
        ge=0,
        description="Sigma, in pixels of the upright image, of the Gaussian that would blur sharp edges as "
        "its edges are blurred; about 0.7 for a sharp photograph, 0 where it has no edges.",
    )
    noise: float = Field(ge=0, description="Deviation of its noise, in grey levels (0 to 255).")

    @classmethod
    def of(cls, quality: Quality) -> Self:
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
    alternatives: list[LabelScoreSchema] | None = Field(None, description="The top_k names, best first.")
    unknown: float | None = Field(None, ge=0, le=1, description="Probability that none of the names fits.")
    plot: str | None = Field(None, description="Bar chart as a PNG data URL; absent unless asked for.")
    quality: QualitySchema | None = Field(None, description="Absent unless `robust`.")
    error: ErrorBody | None = Field(None, description="Why it could not be classified.")


class ClassifyAnswer(Answer):
    """What each photograph is, in the order sent."""

    results: list[ClassifyEntry]
