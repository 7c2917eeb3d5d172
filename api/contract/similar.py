"""POST /similar: request and options; the answer is that of /search."""

from typing import Self

from pydantic import ConfigDict, Field, model_validator

from api.contract.common import (
    EXAMPLE_FILE_ID,
    FiniteNumber,
    IntegralNumber,
    PointPrompt,
    points_box_prompt,
)
from api.contract.images import ImageFields
from api.contract.search import SearchFields
from domain.index import SearchScope
from domain.masks import Prompt
from services.search.search import SearchOptions


class SimilarFields(SearchFields):
    """The options of /similar."""

    scope: SearchScope | None = Field(
        None,
        description="Kind of results: whole images, or regions of images. Default: `region` for a region, "
        "`image` for a whole image.",
    )


class SimilarRequest(SimilarFields, ImageFields):
    """A search by an image, or by a region of it."""

    model_config = ConfigDict(strict=True, json_schema_extra={"example": {"file_id": EXAMPLE_FILE_ID}})

    stores_forms = False

    mask_index: IntegralNumber | None = Field(
        None, ge=0, description="Index of an indexed region of the image."
    )
    points: list[PointPrompt] | None = Field(
        None, min_length=1, max_length=64, description="Points on a region, as in /segment."
    )
    box: list[FiniteNumber] | None = Field(
        None, min_length=4, max_length=4, description="Box [x0, y0, x1, y1] around a region, as in /segment."
    )

    @model_validator(mode="after")
    def _check_single_region(self) -> Self:
        prompted = self.points is not None or self.box is not None
        if self.mask_index is not None and prompted:
            raise ValueError("expected either `mask_index`, or a prompt of `points` and `box`, got both")
        if self.points is not None and self.box is None and not any(point.label for point in self.points):
            raise ValueError("expected `points` with at least one of label 1, or with a `box`, got neither")
        return self


def to_region(request: SimilarRequest) -> Prompt | int | None:
    """Return the region of the request: a prompt, the `mask_index` of an indexed region, or None."""
    if request.points is None and request.box is None:
        return request.mask_index
    return points_box_prompt(request.points or [], request.box)


def to_options(request: SimilarFields, region: Prompt | int | None) -> SearchOptions:
    """Return the options of a valid request about `region`."""
    scope = request.scope or ("image" if region is None else "region")
    return SearchOptions(scope, request.limit, request.group)
