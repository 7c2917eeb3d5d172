"""What GET /search, POST /similar and POST /rank take."""

from typing import Self

from flask_openapi3 import FileStorage
from pydantic import ConfigDict, Field, model_validator

from api.contract.common import FileId, FiniteNumber, IntegralNumber, PointPrompt
from api.contract.search import SearchFields
from domain.index import SearchScope


class SimilarFields(SearchFields):
    """What both kinds of POST /similar take."""

    scope: SearchScope | None = Field(
        None, description="Default: `region` for a region, `image` for a whole photograph."
    )


class SimilarRequest(SimilarFields):
    """A search by an uploaded photograph, or by a region of it."""

    model_config = ConfigDict(
        strict=True, json_schema_extra={"examples": [{"file_id": "0123456789abcdef0123456789abcdef"}]}
    )

    file_id: FileId = Field(description="From POST /upload; it need not be indexed.")
    mask_index: IntegralNumber | None = Field(None, ge=0, description="A region of it in the index.")
    points: list[PointPrompt] | None = Field(
        None, min_length=1, max_length=64, description="The region at points, as of /segment."
    )
    box: list[FiniteNumber] | None = Field(
        None, min_length=4, max_length=4, description="The region in a box [x0, y0, x1, y1], as of /segment."
    )

    @model_validator(mode="after")
    def _check_single_region(self) -> Self:
        prompted = self.points is not None or self.box is not None
        if self.mask_index is not None and prompted:
            raise ValueError("expected `mask_index`, or `points` and `box`, not both")
        if self.points is not None and self.box is None and not any(point.label for point in self.points):
            raise ValueError("expected `points` with at least one of label 1, or a `box` with them")
        return self


class SimilarForm(SimilarFields):
    """The same with the photograph in the request; it is not kept."""

    image: FileStorage = Field(description="An image file.")
