"""Whole objects: the option `output` of /segment and /analyze, and what it adds to their answers."""

from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from api.contract.prompts import PromptFields
from services.images.data_url import image_data_url
from services.images.png import encode_ids
from services.panoptic.whole_objects import PanopticMap

Output = Literal["regions", "panoptic"]

PANOPTIC_FORMAT = "coco_panoptic"
"""The format whose regions must not overlap."""


class PanopticFields(PromptFields):
    """The prompt, and whether whole objects are chosen among the regions of a grid."""

    output: Output | None = Field(
        None,
        description="`regions` answers all regions, which may lie in each other; `panoptic` chooses whole "
        "objects and stuff among those of a grid, which do not overlap. Default: `regions`, and `panoptic` "
        "where the format is `coco_panoptic`.",
    )

    @model_validator(mode="after")
    def _check_output(self) -> Self:
        for problem in self._panoptic_problems() if self.panoptic else ():
            raise ValueError(problem)
        return self

    @property
    def panoptic(self) -> bool:
        """True if whole objects are requested."""
        return self.output == "panoptic" or getattr(self, "format", None) == PANOPTIC_FORMAT

    def _panoptic_problems(self) -> Iterator[str]:
        asked = "`output` panoptic" if self.output == "panoptic" else f"`format` {PANOPTIC_FORMAT}"
        if self.output == "regions":
            yield f"{asked} expects `output` panoptic, got regions"
        if self.prompt_list is not None:
            yield f"{asked} expects prompt_type `grid`, got several prompts"
        if self.prompt_type != "grid":
            yield f"{asked} expects prompt_type `grid`, got `{self.prompt_type}`"
        if not getattr(self, "classify", True):
            yield f"{asked} expects `classify` true, because labels decide what is whole; got false"


class PanopticEntry(BaseModel):
    """A region that may be a whole object or stuff."""

    is_thing: bool | None = Field(
        None,
        description="True for an object, false for stuff, such as sky or grass; absent unless `output` is "
        "`panoptic`.",
    )


class PanopticAnswer(BaseModel):
    """An answer that may have a map of its regions."""

    segmentation: str | None = Field(
        None,
        description="PNG data URL of the image's size with the id of the region at each pixel, R + 256 G + "
        "65536 B = `mask_index` + 1; black is unexplained. Absent unless `output` is `panoptic`.",
    )


def panoptic_members(panoptic: PanopticMap | None) -> dict[str, Any]:
    """Return the members that whole objects add to an answer."""
    return {} if panoptic is None else {"segmentation": image_data_url(encode_ids(panoptic.ids))}


def thing_members(panoptic: PanopticMap | None, index: int) -> dict[str, Any]:
    """Return the members that whole objects add to the entry at `index`."""
    return {} if panoptic is None else {"is_thing": panoptic.is_thing[index]}
