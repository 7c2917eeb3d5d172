"""GET /search: query, options and answer."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from api.contract.common import (
    EXAMPLE_FILE_ID,
    SCORE_DECIMALS,
    Answer,
    IntegralNumber,
    ModelEntry,
    answer_config,
    round_cosine,
)
from domain.index import SearchHit, SearchScope
from domain.labels import MAX_LABEL_LENGTH, trim
from domain.models import ModelInfo
from services.search.search import HitGroup, SearchOptions
from services.vocabularies.characters import usable_text

MAX_SEARCH_RESULTS = 100


def _trimmed(text: object) -> object:
    return trim(text) if isinstance(text, str) else text


SearchText = Annotated[
    str,
    BeforeValidator(_trimmed),
    Field(min_length=1, max_length=MAX_LABEL_LENGTH),
    AfterValidator(usable_text),
]
"""Text of a search. It has the characters of a label and reaches the text tower as it was sent, trimmed."""


class SearchFields(BaseModel):
    """The options of a search."""

    model_config = ConfigDict(extra="forbid")

    limit: IntegralNumber = Field(
        20,
        ge=1,
        le=MAX_SEARCH_RESULTS,
        description="Largest number of results; near duplicates are not counted.",
    )
    group: bool = Field(True, description="Group near duplicates under the best of them.")


class SearchQuery(SearchFields):
    """A search by text."""

    q: SearchText = Field(description="Text to search for, in English, such as `red cup`.")
    scope: SearchScope = Field("image", description="Kind of results: whole images, or regions of images.")


def to_options(query: SearchQuery) -> SearchOptions:
    """Return the options of a valid query."""
    return SearchOptions(query.scope, query.limit, query.group)


class HitEntry(BaseModel):
    """An image, or a region of one; the members of a region are absent for a whole image."""

    file_id: str = Field(description="Id of the image.")
    score: float = Field(ge=-1, le=1, description="Cosine with the query.")
    mask_index: int | None = Field(None, ge=0, description="Index of the region when the image was indexed.")
    bbox: tuple[int, int, int, int] | None = Field(None, description="Box [x, y, width, height] in pixels.")
    label: str | None = Field(None, description="Label that the region had when it was indexed.")
    confidence: float | None = Field(None, ge=0, le=1, description="Confidence of that label.")


class HitGroupEntry(HitEntry):
    """A hit and its near duplicates."""

    duplicates: list[HitEntry] = Field(
        description="Near duplicates, best first; empty when `group` is false."
    )


class SearchAnswer(Answer):
    """The results, best first."""

    model_config = answer_config(
        {
            "scope": "image",
            "results": [{"file_id": EXAMPLE_FILE_ID, "score": 0.3127, "duplicates": []}],
        }
    )

    scope: SearchScope = Field(description="Kind of results: whole images, or regions of images.")
    results: list[HitGroupEntry] = Field(description="Hits with their near duplicates, best first.")


def search_answer(found: Sequence[HitGroup], scope: SearchScope, labeller: ModelInfo) -> SearchAnswer:
    """Return the answer of /search and /similar."""
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
