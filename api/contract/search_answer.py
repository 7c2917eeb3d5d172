"""The answers of GET /search, POST /similar and POST /rank."""

from pydantic import BaseModel, Field

from api.contract.common import Answer, ErrorBody
from domain.index import Scope


class HitEntry(BaseModel):
    """A photograph, or a region of one; the members of a region are absent for a whole photograph."""

    file_id: str
    score: float = Field(ge=-1, le=1, description="Cosine with what was asked for.")
    mask_index: int | None = Field(None, ge=0, description="Which region, as it was indexed.")
    bbox: tuple[int, int, int, int] | None = Field(None, description="[x, y, width, height] in pixels.")
    label: str | None = Field(None, description="What it was called when it was indexed.")
    confidence: float | None = Field(None, ge=0, le=1, description="Of that name.")


class FoundEntry(HitEntry):
    """A hit and its near duplicates."""

    duplicates: list[HitEntry] = Field(description="Nearly the same, best first; empty with `group=false`.")


class SearchAnswer(Answer):
    """What was found, best first."""

    scope: Scope
    results: list[FoundEntry]


class RankEntry(BaseModel):
    """One photograph; `error` instead of `score` where it cannot be used."""

    file_id: str = Field(description="As sent.")
    score: float | None = Field(None, ge=-1, le=1, description="Cosine with the text.")
    error: ErrorBody | None = Field(None, description="Why it has no place.")


class RankAnswer(Answer):
    """The photographs, best first; those that cannot be used last."""

    results: list[RankEntry]
