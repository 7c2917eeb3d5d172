"""Photographs to the normalised squares CLIP was trained on, as open_clip's transform does, without torch."""

import numpy as np
from PIL import Image

from domain.arrays import Floats, Rgb, check_rgb
from models.clip.meta import ClipMeta

LONGEST = 16
"""Beyond this ratio of the sides only the middle is enlarged: the rest would be cut off anyway."""


def normalised(crop: Rgb, meta: ClipMeta) -> Floats:
    """The pixels float32 [3, S, S] of a crop of any size, resized as the checkpoint wants it.

    Equal to open_clip's `image_transform(is_train=False)` to the last bit; where one side is more than
    LONGEST times the other, up to two grey levels.

    Raises:
        ValueError: Not uint8 [H, W, 3].
    """
    image = Image.fromarray(check_rgb(crop))
    square = _squash(image, meta, meta.size) if meta.resize_mode == "squash" else _middle(image, meta)
    return _normalise(square, meta)


def whole(rgb: Rgb, meta: ClipMeta, size: int) -> Floats:
    """The pixels float32 [3, size, size] of a whole photograph, squashed to the square.

    Raises:
        ValueError: Not uint8 [H, W, 3].
    """
    return _normalise(_squash(Image.fromarray(check_rgb(rgb)), meta, size), meta)


def _normalise(image: Image.Image, meta: ClipMeta) -> Floats:
    pixels = np.asarray(image, np.float32) / np.float32(255)
    scaled = (pixels - np.array(meta.mean, np.float32)) / np.array(meta.std, np.float32)
    planes: Floats = np.ascontiguousarray(scaled.transpose(2, 0, 1))
    return planes


def _squash(image: Image.Image, meta: ClipMeta, size: int) -> Image.Image:
    return image.resize((size, size), _filter(meta))


def _middle(image: Image.Image, meta: ClipMeta) -> Image.Image:
    """The shorter side scaled to the size, the middle of the longer one cut out (torchvision's rounding)."""
    size, (width, height) = meta.size, image.size
    short = min(width, height)
    scaled = int(size * width / short), int(size * height / short)
    left, top = (round((side - size) / 2.0) for side in scaled)
    if max(scaled) <= LONGEST * size:
        return image.resize(scaled, _filter(meta)).crop((left, top, left + size, top + size))
    across, down = width / scaled[0], height / scaled[1]
    box = left * across, top * down, (left + size) * across, (top + size) * down
    return image.resize((size, size), _filter(meta), box=box)


def _filter(meta: ClipMeta) -> Image.Resampling:
    return Image.Resampling[meta.interpolation.upper()]
