"""Photographs to the normalised squares CLIP was trained on, as open_clip's transform does, without torch."""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from domain.arrays import Floats, Mask, Rgb, check_rgb
from models.clip.meta import ClipMeta

MAX_ASPECT_RATIO = 16
"""Beyond this ratio of the sides only the middle is enlarged: the rest would be cut off anyway."""


def preprocess_crop(crop: Rgb, meta: ClipMeta) -> Floats:
    """The pixels float32 [3, S, S] of a crop of any size, resized as the checkpoint wants it.

    Equal to open_clip's `image_transform(is_train=False)` to the last bit; where one side is more than
    LONGEST times the other, up to two grey levels.

    Raises:
        ValueError: Not uint8 [H, W, 3].
    """
    image = Image.fromarray(check_rgb(crop))
    square = (
        _resize_square(image, meta, meta.size)
        if meta.resize_mode == "squash"
        else _resize_and_center_crop(image, meta)
    )
    return _normalise_image(square, meta)


def preprocess_whole_image(rgb: Rgb, meta: ClipMeta, size: int) -> Floats:
    """The pixels float32 [3, size, size] of a whole photograph, squashed to the square.

    Raises:
        ValueError: Not uint8 [H, W, 3].
    """
    return _normalise_image(_resize_square(Image.fromarray(check_rgb(rgb)), meta, size), meta)


def _normalise_image(image: Image.Image, meta: ClipMeta) -> Floats:
    pixels = np.asarray(image, np.float32) / np.float32(255)
    scaled = (pixels - np.array(meta.mean, np.float32)) / np.array(meta.std, np.float32)
    planes: Floats = np.ascontiguousarray(scaled.transpose(2, 0, 1))
    return planes


def _resize_square(image: Image.Image, meta: ClipMeta, size: int) -> Image.Image:
    return image.resize((size, size), _resampling_filter(meta))


def _resize_and_center_crop(image: Image.Image, meta: ClipMeta) -> Image.Image:
    """The shorter side scaled to the size, the middle of the longer one cut out (torchvision's rounding)."""
    size, (width, height) = meta.size, image.size
    short = min(width, height)
    scaled = int(size * width / short), int(size * height / short)
    left, top = (round((side - size) / 2.0) for side in scaled)
    if max(scaled) <= MAX_ASPECT_RATIO * size:
        return image.resize(scaled, _resampling_filter(meta)).crop((left, top, left + size, top + size))
    across, down = width / scaled[0], height / scaled[1]
    box = left * across, top * down, (left + size) * across, (top + size) * down
    return image.resize((size, size), _resampling_filter(meta), box=box)


def _resampling_filter(meta: ClipMeta) -> Image.Resampling:
    return Image.Resampling[meta.interpolation.upper()]


def patch_coverage(masks: Sequence[Mask], grid: int) -> Floats:
    """Coverage float32 [N, grid * grid], 0..1, row by row, of masks bool [h, w] over the whole photograph."""
    shares = np.empty((len(masks), grid, grid), np.float32)
    for share, mask in zip(shares, masks, strict=True):
        cv2.resize(
            _repeat_to_grid(mask, grid).astype(np.float32), (grid, grid), share, interpolation=cv2.INTER_AREA
        )
    return shares.reshape(len(masks), grid * grid)


def _repeat_to_grid(mask: Mask, grid: int) -> Mask:
    """The mask, repeated where it is coarser than the grid: area averaging only shrinks."""
    down, across = (-(-grid // side) for side in mask.shape)
    return mask.repeat(down, axis=0).repeat(across, axis=1) if max(down, across) > 1 else mask
