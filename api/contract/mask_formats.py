"""Formats of masks in answers: COCO RLE, polygons, PNG."""

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import BaseModel, Field

from domain.masks import Rle
from services.images.data_url import image_data_url
from services.images.png import encode_png
from services.masks.formats import decode_rle, mask_polygons

MaskFormat = Literal["none", "rle", "polygons", "png"]


class RleMask(BaseModel):
    """A mask in COCO's compressed run-length encoding, as pycocotools reads it."""

    size: tuple[int, int] = Field(description="[height, width]")
    counts: str = Field(description="Compressed run lengths in ASCII.")


class PolygonEntry(BaseModel):
    """One connected part of a mask, outlined along the edges of its pixels."""

    exterior: list[tuple[int, int]] = Field(
        description="Corners [[x, y], ...]; the first corner is not repeated."
    )
    holes: list[list[tuple[int, int]]] = Field(
        description="Rings inside `exterior` that are not part of the mask."
    )


EncodedMask = RleMask | list[PolygonEntry] | str


def encode_mask(rle: Rle, form: MaskFormat) -> EncodedMask:
    """Return a mask in a format other than `none`."""
    return _MASK_ENCODERS[form](rle)


def _encode_rle(rle: Rle) -> EncodedMask:
    return RleMask(size=(rle.height, rle.width), counts=rle.counts)


def _encode_polygons(rle: Rle) -> EncodedMask:
    return [PolygonEntry.model_validate(vars(part)) for part in mask_polygons(decode_rle(rle))]


def _encode_png(rle: Rle) -> EncodedMask:
    return image_data_url(encode_png(decode_rle(rle)))


_MASK_ENCODERS: Mapping[str, Callable[[Rle], EncodedMask]] = {
    "rle": _encode_rle,
    "polygons": _encode_polygons,
    "png": _encode_png,
}
