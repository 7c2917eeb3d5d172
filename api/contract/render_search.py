"""Turns what a search found into its answer; the command line writes the same JSON."""

from collections.abc import Sequence
from typing import Any

from api.contract.common import ModelEntry
from api.contract.search_answer import FoundEntry, HitEntry, SearchAnswer
from domain.index import Hit, Scope
from domain.models import ModelInfo
from services.search.search import Found

DECIMALS = 4


def search_answer(found: Sequence[Found], scope: Scope, labeller: ModelInfo) -> SearchAnswer:
    """The answer of /search and /similar."""
    results = [
        FoundEntry(**_members(group.best), duplicates=[HitEntry(**_members(hit)) for hit in group.duplicates])
        for group in found
    ]
    return SearchAnswer(scope=scope, results=results, models={"labeller": ModelEntry.of(labeller)})


def score_of(cosine: float) -> float:
    """A cosine as answers give it."""
    return round(min(1.0, max(-1.0, cosine)), DECIMALS)


def _members(hit: Hit) -> dict[str, Any]:
    whole = {"file_id": hit.file_id, "score": score_of(hit.score)}
    if hit.region is None:
        return whole
    region = hit.region
    return {
        **whole,
        "mask_index": region.mask_index,
        "bbox": region.xywh,
        "label": region.label,
        "confidence": round(region.confidence, DECIMALS),
    }
