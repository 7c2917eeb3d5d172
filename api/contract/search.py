"""What GET /search, POST /similar and POST /rank take."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.contract.common import SCORE_DECIMALS, Answer, IntegralNumber, ModelEntry, round_cosine
from domain.index import SearchHit, SearchScope
from domain.models import ModelInfo
from services.search.search import HitGroup

MAX_SEARCH_RESULTS = 100

SearchText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class SearchFields(BaseModel):
    """What to answer with."""

    model_config = ConfigDict(extra="forbid")

    limit: IntegralNumber = Field(
        20, ge=1, le=MAX_SEARCH_RESULTS, description="At most so many results, near duplicates not counted."
    )
    group: bool = Field(
        True, description="Whether near duplicates stand in `duplicates` of the best of them."
    )


class SearchQuery(SearchFields):
    """A search by text."""

    q: SearchText = Field(description="What to look for, in English words, e.g. `red cup`.")
    scope: SearchScope = Field("image", description="Whole photographs, or regions of them.")


class HitEntry(BaseModel):
    """A photograph, or a region of one; the members of a region are absent for a whole photograph."""

    file_id: str
    score: float = Field(ge=-1, le=1, description="Cosine with what was asked for.")
    mask_index: int | None = Field(None, ge=0, description="Which region, as it was indexed.")
    bbox: tuple[int, int, int, int] | None = Field(None, description="[x, y, width, height] in pixels.")
    label: str | None = Field(None, description="What it was called when it was indexed.")
    confidence: float | None = Field(None, ge=0, le=1, description="Of that name.")


class HitGroupEntry(HitEntry):
    """A hit and its near duplicates."""

    duplicates: list[HitEntry] = Field(description="Nearly the same, best first; empty with `group=false`.")


class SearchAnswer(Answer):
    """What was found, best first."""

    scope: SearchScope
    results: list[HitGroupEntry]


def search_answer(found: Sequence[HitGroup], scope: SearchScope, labeller: ModelInfo) -> SearchAnswer:
    """The answer of /search and /similar."""
    results = [
        HitGroupEntry(
            **_hit_members(group.best), duplicates=[HitEntry(**_hit_members(hit)) for hit in group.duplicates]
        )
        for group in found
    ]
    return SearchAnswer(scope=scope, results=results, models={"labeller": ModelEntry.of(labeller)})


def _hit_members(hit: SearchHit) -> dict[str, Any]:
    whole = {"file_id": hit.file_id, "score": round_cosine(hit.score)}
    if hit.region is None:
        return whole
    region = hit.region
    return {
        **whole,
        "mask_index": region.mask_index,
        "bbox": region.xywh,
        "label": region.label,
        "confidence": round(region.confidence, SCORE_DECIMALS),
    }
