"""Options that several endpoints take; the command line makes its own from them, see commands/options.py."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.contract.common import MAX_INT32, IntegralNumber, LabelTexts, UnitFloat, VocabularyName
from services.masks.options import Deduplication


class MaskFields(BaseModel):
    """The options that say which masks are found and kept."""

    model_config = ConfigDict(extra="forbid", strict=True)

    points_per_side: IntegralNumber = Field(
        16, ge=1, le=64, description="Number of points along each side of the grid."
    )
    adaptive: bool = Field(
        True,
        description="Grid only: whether points that good masks explain already are skipped, coarse to fine.",
    )
    max_masks: IntegralNumber | None = Field(
        None,
        ge=1,
        le=1000,
        description="Largest number of regions. Default: 64 for a grid; 1 for points or a box, which have up "
        "to 3 nested candidates.",
    )
    quality_threshold: UnitFloat | None = Field(
        None,
        description="Least predicted IoU of a mask. Default: the segmenter's own for a grid, none otherwise.",
    )
    stability_threshold: UnitFloat | None = Field(
        None,
        description="Least stability score of a mask. Default: the segmenter's own for a grid, none "
        "otherwise.",
    )
    min_area: IntegralNumber | None = Field(
        None,
        ge=0,
        le=MAX_INT32,
        description="Least area of a region in pixels. Default: 0.05 % of the image for a grid, none "
        "otherwise.",
    )
    max_area: IntegralNumber | None = Field(
        None,
        ge=1,
        le=MAX_INT32,
        description="Largest area of a region in pixels. Default: 95 % of the image for a grid, none "
        "otherwise.",
    )
    deduplication: Deduplication = Field(
        "mask",
        description="Grid only: how repeated masks are removed. `mask` uses mask IoU and containment; `box` "
        "uses box IoU over 0.7, as SAM's own mask generator does; `none` keeps them.",
    )
    clean: bool = Field(
        True,
        description="Whether specks and holes are removed from the masks; otherwise they stay as they were "
        "decoded.",
    )

    @model_validator(mode="after")
    def _check_area_order(self) -> Self:
        if self.min_area is not None and self.max_area is not None and self.min_area > self.max_area:
            raise ValueError(
                f"expected `min_area` of at most `max_area`, got {self.min_area} and {self.max_area}"
            )
        return self


class LabelFields(BaseModel):
    """The options that say which labels there are, and when none is given."""

    model_config = ConfigDict(extra="forbid", strict=True)

    labels: LabelTexts | None = Field(
        None, description="Labels to choose from; a label that is repeated counts once."
    )
    vocabulary: VocabularyName | None = Field(
        None, description="Name of a vocabulary of GET /labels, instead of `labels`."
    )
    lang: str | None = Field(
        None, max_length=20, description="Code of the language that labels are answered in, e.g. `de`."
    )
    confidence_threshold: UnitFloat = Field(
        0.0, description="A best label with less confidence becomes `unknown`."
    )
