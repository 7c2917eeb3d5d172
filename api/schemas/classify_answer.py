"""The answer of POST /classify."""

from pydantic import BaseModel, Field

from api.schemas.answer import Answer, ErrorBody
from api.schemas.segment_answer import LabelScoreSchema


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
    error: ErrorBody | None = Field(None, description="Why it could not be classified.")


class ClassifyAnswer(Answer):
    """What each photograph is, in the order sent."""

    results: list[ClassifyEntry]
