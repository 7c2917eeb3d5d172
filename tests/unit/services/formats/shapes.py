"""Masks that formats get wrong, and annotations made of them."""

from collections.abc import Sequence

import numpy as np

from domain.arrays import Mask
from domain.labels import LabelScore
from domain.masks import Region
from services.formats.annotations import Annotation, Categories, ImageAnnotations
from services.masks.formats import encode_rle

NAMES = ("cup", 'a "strange": <label> & #1', "naïve 猫 😀", "no", "unknown")

CATEGORIES = Categories(NAMES)


def _hole() -> Mask:
    mask = np.zeros((24, 32), np.bool_)
    mask[3:20, 4:29] = True
    mask[8:12, 9:15] = False
    mask[13, 20] = False
    return mask


def _nested() -> Mask:
    """A frame, in its hole an island with a hole, and in that an island of one pixel."""
    mask = np.zeros((24, 32), np.bool_)
    mask[1:23, 1:31] = True
    mask[3:21, 3:29] = False
    mask[6:18, 8:24] = True
    mask[9:15, 12:20] = False
    mask[11, 15] = True
    return mask


def _borders() -> Mask:
    """A frame along all four borders, and a bar that touches two of them."""
    mask = np.ones((24, 32), np.bool_)
    mask[2:-1, 1:-3] = False
    mask[:, 15] = True
    return mask


def _diagonal() -> Mask:
    """Pixels that touch at corners, once around a hole that touches the outside."""
    mask = np.zeros((24, 32), np.bool_)
    mask[range(3, 12), range(3, 12)] = True
    for y, x in ((14, 20), (15, 19), (15, 21), (16, 20)):
        mask[y, x] = True
    return mask


def _pixel() -> Mask:
    mask = np.zeros((24, 32), np.bool_)
    mask[23, 31] = True
    return mask


def _first_pixel() -> Mask:
    mask = np.zeros((24, 32), np.bool_)
    mask[0, 0] = True
    return mask


def _corners() -> Mask:
    """A pixel in each corner, and one at the middle of each border."""
    mask = np.zeros((24, 32), np.bool_)
    mask[np.ix_([0, -1], [0, 15, -1])] = True
    mask[np.ix_([11], [0, -1])] = True
    return mask


def _parts() -> Mask:
    mask = np.zeros((24, 32), np.bool_)
    mask[0:5, 0:5] = True
    mask[10, 10:30] = True
    mask[12:24, 3] = True
    mask[20, 20] = True
    return mask


def _noise() -> Mask:
    return np.random.default_rng(3).random((24, 32)) < 0.6


def _disc() -> Mask:
    y, x = np.mgrid[:24, :32]
    disc: Mask = (x - 17) ** 2 + (y - 11) ** 2 < 90
    return disc


def _wide() -> Mask:
    mask = np.zeros((40, 30_000), np.bool_)
    mask[3:37, 11:29_997] = True
    mask[10:30, 7_000:7_001] = False
    mask[0, 29_999] = True
    return mask


SHAPES: dict[str, Mask] = {
    "hole": _hole(),
    "nested": _nested(),
    "borders": _borders(),
    "everything": np.ones((24, 32), np.bool_),
    "diagonal": _diagonal(),
    "pixel": _pixel(),
    "first pixel": _first_pixel(),
    "corners": _corners(),
    "parts": _parts(),
    "noise": _noise(),
    "disc": _disc(),
    "wide": _wide(),
    "tall": _wide().T.copy(),
}


def disjoint(masks: Sequence[Mask]) -> list[Mask]:
    """Return what the masks before it leave of each mask, as whole objects do."""
    return [mask & ~np.any([np.zeros_like(mask), *masks[:place]], axis=0) for place, mask in enumerate(masks)]


def region_of(mask: Mask, quality: float = 0.75, stability: float = 0.5) -> Region:
    """Return the region of a mask that is not empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    x, y = int(columns[0]), int(rows[0])
    box = (x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y)
    return Region(encode_rle(mask), box, int(mask.sum()), quality, stability)


def annotations_of(masks: Sequence[Mask], file_name: str = "a.jpg", image_id: int = 1) -> ImageAnnotations:
    """Return an image with these masks, whose labels are the names in turn."""
    annotations = tuple(
        Annotation(
            region_of(mask),
            NAMES[index % len(NAMES)],
            0.875 - index / 100,
            (LabelScore(NAMES[index % len(NAMES)], 0.875 - index / 100), LabelScore("no", 0.01)),
        )
        for index, mask in enumerate(masks)
    )
    height, width = masks[0].shape if masks else (24, 32)
    models = {"segmenter": "contour", "labeller": "lite"}
    return ImageAnnotations(file_name, width, height, annotations, models, image_id)
