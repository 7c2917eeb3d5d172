"""What GET /search, POST /similar and POST /rank take."""

from typing import Annotated, Self

from flask_openapi3 import FileStorage
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.contract.photo_request import FileId
from api.contract.segment import Finite, PointSchema, Whole
from domain.index import Scope

MOST_RESULTS, MOST_RANKED = 100, 100

Query = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class SearchFields(BaseModel):
    """What to answer with."""

    model_config = ConfigDict(extra="forbid")

    limit: Whole = Field(
        20, ge=1, le=MOST_RESULTS, description="At most so many results, near duplicates not counted."
    )
    group: bool = Field(
        True, description="Whether near duplicates stand in `duplicates` of the best of them."
    )


class SearchQuery(SearchFields):
    """A search by text."""

    q: Query = Field(description="What to look for, in English words, e.g. `red cup`.")
    scope: Scope = Field("image", description="Whole photographs, or regions of them.")


class SimilarFields(SearchFields):
    """What both kinds of POST /similar take."""

    scope: Scope | None = Field(
        None, description="Default: `region` for a region, `image` for a whole photograph."
    )


class SimilarRequest(SimilarFields):
    """A search by an uploaded photograph, or by a region of it."""

    model_config = ConfigDict(
        strict=True, json_schema_extra={"examples": [{"file_id": "0123456789abcdef0123456789abcdef"}]}
    )

    file_id: FileId = Field(description="From POST /upload; it need not be indexed.")
    mask_index: Whole | None = Field(None, ge=0, description="A region of it in the index.")
    points: list[PointSchema] | None = Field(
        None, min_length=1, max_length=64, description="The region at points, as of /segment."
    )
    box: list[Finite] | None = Field(
        None, min_length=4, max_length=4, description="The region in a box [x0, y0, x1, y1], as of /segment."
    )

    @model_validator(mode="after")
    def _one_region(self) -> Self:
        prompted = self.points is not None or self.box is not None
        if self.mask_index is not None and prompted:
            raise ValueError("expected `mask_index`, or `points` and `box`, not both")
        if self.points is not None and self.box is None and not any(point.label for point in self.points):
            raise ValueError("expected `points` with at least one of label 1, or a `box` with them")
        return self


class SimilarForm(SimilarFields):
    """The same with the photograph in the request; it is not kept."""

    image: FileStorage = Field(description="An image file.")


class RankRequest(BaseModel):
    """Photographs to be put in order."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"q": "red cup", "file_ids": ["0123456789abcdef0123456789abcdef"]}]},
    )

    q: Query = Field(description="What they should show.")
    file_ids: list[FileId] = Field(
        min_length=1, max_length=MOST_RANKED, description="From POST /upload; they need not be indexed."
    )
