"""Masks as prompts: a first guess of an object, in COCO's run-length code or as a PNG data URL."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from api.contract.common import MAX_INT32
from domain.masks import Rle
from domain.run_lengths import MAX_RUNS
from services.masks.sent_masks import rle_of_counts, rle_of_png

MaskSide = Annotated[int, Field(ge=1, le=MAX_INT32)]

RunLength = Annotated[int, Field(ge=0, le=MAX_INT32)]

RunLengthCounts = Annotated[
    Annotated[str, Tag("<text>")]
    | Annotated[list[RunLength], Field(min_length=1, max_length=MAX_RUNS), Tag("<list>")],
    Discriminator(lambda value: "<text>" if isinstance(value, str) else "<list>"),
]
"""COCO's compressed counts, or the run lengths themselves."""


class MaskPrompt(BaseModel):
    """A mask of the size of the upright image, in COCO's run-length code as pycocotools writes it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    size: list[MaskSide] = Field(
        min_length=2, max_length=2, description="[height, width], those of the upright image."
    )
    counts: RunLengthCounts = Field(
        description="Run lengths column by column, off the mask first: compressed text, or a list."
    )

    @model_validator(mode="after")
    def _check_counts(self) -> Self:
        _ = self.rle
        return self

    @property
    def rle(self) -> Rle:
        """The mask."""
        return rle_of_counts(self.size[0], self.size[1], self.counts)


def _png_as_rle(sent: Any) -> Any:
    """Return the run-length code of a mask that was sent as text; anything else is left to the model."""
    if not isinstance(sent, str):
        if isinstance(sent, dict | MaskPrompt):
            return sent
        raise ValueError("expected an object with `size` and `counts`, or a PNG data URL")
    rle = rle_of_png(sent)
    return {"size": [rle.height, rle.width], "counts": rle.counts}


SentMask = Annotated[MaskPrompt, BeforeValidator(_png_as_rle, json_schema_input_type=MaskPrompt | str)]
"""Run-length code, or a PNG data URL whose pixels that are neither black nor transparent are on the mask."""

MASK_DESCRIPTION = (
    "First guess of the object, which the segmenter refines, also together with `points` and `box`: COCO's "
    "run-length code of the size of the upright image, or a PNG data URL whose pixels that are neither black "
    "nor transparent are on the mask."
)
