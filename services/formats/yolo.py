"""YOLO segmentation (docs.ultralytics.com/datasets/segment): one row of text a region, and data.yaml.

A row is the number of the class and one ring of vertices, as shares of width and height. Parts and holes are
joined by seams without width along the edges of pixels, so filling the ring by the even-odd or the non-zero
rule gives the mask back, exactly. Ultralytics and supervision paint with cv2.fillPoly instead, which paints
the ring as well: to them a region is a pixel larger to the right and below, holes are as much smaller, and
seams are a pixel wide. Of equal rows Ultralytics keeps one. Confidences and alternatives are lost.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from services.formats.annotations import Annotation, Categories, ImageAnnotations, Images
from services.formats.seams import joined_ring
from services.masks.formats import mask_polygons

YOLO_IMAGES = "images"
"""The folder of images in a data set; readers find the rows in `labels` beside it."""


_SHARE_DECIMALS = 10
_SHARE_UNITS = 10.0**_SHARE_DECIMALS


def yolo_rows(image: ImageAnnotations, categories: Categories) -> str:
    """Return the rows of one image, best region first; an image without regions has no rows."""
    return "".join(
        f"{categories.index(one.label)} {_shares_text(one, image.width, image.height)}\n"
        for one in image.annotations
    )


def yolo_yaml(_images: Images, categories: Categories) -> Iterator[str]:
    """Yield data.yaml. Its `path` is empty, which means the folder of the file itself."""
    yield f'path: ""\ntrain: {YOLO_IMAGES}\nval: {YOLO_IMAGES}\nnames:\n'
    for number, name in enumerate(categories.names):
        yield f"  {number}: {_yaml_text(name)}\n"


def _shares_text(annotation: Annotation, width: int, height: int) -> str:
    ring = np.add(joined_ring(mask_polygons(annotation.crop())), annotation.region.xywh[:2])
    columns = [_share_texts(ring[:, axis], side) for axis, side in ((0, width), (1, height))]
    return " ".join(share for vertex in zip(*columns, strict=True) for share in vertex)


def _share_texts(coordinates: NDArray[np.int64], side: int) -> list[str]:
    """Return coordinates 0..`side` as decimal shares.

    Readers hold a share as float32 or float64, multiply it and round, or cut the fraction off. So each text
    is a little larger than the quotient: in both types its product with the side is not below the coordinate.
    """
    pixels, places = np.unique(coordinates, return_inverse=True)
    shares = (pixels / side).astype(np.float32)
    shares = np.where(shares < pixels / side, np.nextafter(shares, np.float32(2)), shares)
    rounded_up = np.ceil(shares.astype(np.float64) * _SHARE_UNITS) / _SHARE_UNITS
    texts = [f"{share:.{_SHARE_DECIMALS}f}".rstrip("0").rstrip(".") for share in rounded_up.tolist()]
    return [texts[place] for place in places]


def _yaml_text(text: str) -> str:
    """Return the text as a double-quoted scalar of YAML 1.2, escaping what is not printable."""
    return '"' + "".join(map(_yaml_character, text)) + '"'


def _yaml_character(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08X}"
