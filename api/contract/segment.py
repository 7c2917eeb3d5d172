"""The bodies of POST /segment and /segment/batch."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from api.contract.photo_request import ManyPhotos, OnePhoto
from domain.models import View
from services.masks.options import Deduplication

MaskFormat = Literal["none", "rle", "polygons", "png"]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


def _whole(value: object) -> object:
    """16.0 is an integer in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]
MOST_PIXELS = 2**31 - 1
LabelName = Annotated[str, Field(min_length=1, max_length=200)]
LabelNames = Annotated[list[LabelName], Field(min_length=1, max_length=1000)]
VocabularyName = Annotated[str, Field(min_length=1, max_length=80)]


class PointSchema(BaseModel):
    """A point on the object, or off it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    x: Finite = Field(description="Pixels from the left edge of the upright image.")
    y: Finite = Field(description="Pixels from its top edge.")
    label: Whole = Field(1, ge=0, le=1, description="1: on the object; 0: not part of it.")


class SegmentFields(BaseModel):
    """What to segment, how to name it, and what to answer with."""

    model_config = ConfigDict(extra="forbid", strict=True)

    prompt_type: Literal["grid", "point", "box"] = Field(
        "grid", description="Everything in the picture, the object at points, or the object in a box."
    )
    points: list[PointSchema] | None = Field(
        None, min_length=1, max_length=64, description="All about one object; with a box they refine it."
    )
    box: list[Finite] | None = Field(
        None,
        min_length=4,
        max_length=4,
        description="[x0, y0, x1, y1] in pixels of the upright image, x1 and y1 exclusive.",
    )
    points_per_side: Whole = Field(16, ge=1, le=64, description="Points along each side of the grid.")
    adaptive: bool = Field(
        True, description="Grid: whether points that good masks explain already are skipped, coarse to fine."
    )
    max_masks: Whole | None = Field(
        None,
        ge=1,
        le=1000,
        description="At most this many regions. Default: grid 64; point and box 1 of up to 3.",
    )
    quality_threshold: Share | None = Field(
        None, description="Least predicted IoU. Default: the segmenter's own for a grid, none otherwise."
    )
    stability_threshold: Share | None = Field(
        None, description="Least stability. Default: the segmenter's own for a grid, none otherwise."
    )
    min_area: Whole | None = Field(
        None,
        ge=0,
        le=MOST_PIXELS,
        description="Least area in pixels. Default: 0.05 % of the image for a grid, none otherwise.",
    )
    max_area: Whole | None = Field(
        None,
        ge=1,
        le=MOST_PIXELS,
        description="Largest area in pixels. Default: 95 % of the image for a grid, none otherwise.",
    )
    deduplication: Deduplication = Field(
        "mask",
        description="Grid: how repeated masks are found. `mask`: mask IoU and containment; `box`: box IoU "
        "over 0.7, as SAM's own generator does; `none`: they stay.",
    )
    clean: bool = Field(
        True, description="Whether specks and holes are removed; false leaves masks as they were decoded."
    )
    classify: bool = Field(True, description="false answers with masks only.")
    labels: LabelNames | None = Field(None, description="Names to choose from; repeated ones count once.")
    vocabulary: VocabularyName | None = Field(
        None, description="A vocabulary of GET /labels instead of `labels`."
    )
    lang: str | None = Field(
        None, max_length=20, description="Language that names are answered in, e.g. `de`; see GET /labels."
    )
    view: View | None = Field(
        None, description="How a region is shown to the labeller. Default: what suits the labeller."
    )
    top_k: Whole = Field(
        1, ge=1, le=MOST_PIXELS, description="How many alternatives, at most the size of the vocabulary."
    )
    confidence_threshold: Share = Field(0.0, description="A best name below it becomes `unknown`.")
    masks: MaskFormat = Field("none", description="Form of the masks: none, COCO RLE, polygons or PNG.")
    overlay: bool = Field(True, description="Whether to answer with the drawn-over photograph.")

    @model_validator(mode="after")
    def _prompt_is_complete(self) -> Self:
        if self.prompt_type == "point" and not any(point.label == 1 for point in self.points or []):
            raise ValueError("prompt_type `point` expects `points` with at least one of label 1")
        if (self.prompt_type == "box") != (self.box is not None):
            raise ValueError("expected `box` with prompt_type `box`, and only there")
        if self.prompt_type == "grid" and self.points is not None:
            raise ValueError("prompt_type `grid` takes no `points`; did you mean prompt_type `point`?")
        return self

    @model_validator(mode="after")
    def _areas_are_in_order(self) -> Self:
        if self.min_area is not None and self.max_area is not None and self.min_area > self.max_area:
            raise ValueError(
                f"expected `min_area` of at most `max_area`, got {self.min_area} and {self.max_area}"
            )
        return self


class SegmentRequest(SegmentFields, OnePhoto):
    """A segmentation of one photograph."""


class SegmentBatchRequest(SegmentFields, ManyPhotos):
    """The same segmentation of many photographs."""
