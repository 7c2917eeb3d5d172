"""Layers of crops, in which a grid finds the small objects of large images."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.contract.common import IntegralNumber, UnitFloat
from api.contract.prompts import GRID_TYPES
from services.masks.options import CropLayers

MAX_LAYERS = 2

MAX_DOWNSCALE = 64


class CropFields(BaseModel):
    """The options of crop layers, which all grids have."""

    model_config = ConfigDict(extra="forbid", strict=True)

    crop_layers: IntegralNumber = Field(
        0,
        ge=0,
        le=MAX_LAYERS,
        description="Number of layers of crops that a grid searches besides the whole image (SAM's "
        "`crop_n_layers`), for small objects in large photographs: the first has 4 crops, the second 16.",
    )
    crop_overlap: UnitFloat = Field(
        CropLayers.overlap,
        description="Overlap of the crops of the first layer as a fraction of the image's shorter side "
        "(SAM's `crop_overlap_ratio`); those of the second layer overlap by half of it.",
    )
    crop_points_downscale: IntegralNumber = Field(
        CropLayers.points_downscale,
        ge=1,
        le=MAX_DOWNSCALE,
        description="Factor by which each layer has fewer points along each side of a crop (SAM's "
        "`crop_n_points_downscale_factor`).",
    )

    @model_validator(mode="after")
    def _check_crop_layers(self) -> Self:
        if self.crop_layers and (other := self._other_prompt()):
            raise ValueError(f"expected `crop_layers` with a grid only, got it with {other}")
        for name in ("crop_overlap", "crop_points_downscale"):
            if not self.crop_layers and getattr(self, name) != type(self).model_fields[name].default:
                raise ValueError(f"expected `{name}` with `crop_layers` of at least 1, got it without layers")
        return self

    def _other_prompt(self) -> str:
        """Return the prompt of a request that searches with no grid, or nothing."""
        for name in ("prompts", "boxes"):
            if getattr(self, name, None) is not None:
                return f"`{name}`"
        prompt_type = getattr(self, "prompt_type", "grid")
        return "" if prompt_type in GRID_TYPES else f"prompt_type `{prompt_type}`"

    @property
    def crops(self) -> CropLayers:
        """The layers of crops of a grid."""
        return CropLayers(self.crop_layers, self.crop_overlap, self.crop_points_downscale)
