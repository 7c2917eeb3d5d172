"""Preprocessing of CLIP as in open_clip's transform, without torch."""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from domain.arrays import Floats, Mask, Rgb, check_rgb
from models.clip.meta import ClipMeta
from models.runtime.normalise import normalise

MAX_ASPECT_RATIO = 16
"""Ratio of the sides beyond which only the middle is enlarged: the rest would be cropped anyway."""


def preprocess_crop(crop: Rgb, meta: ClipMeta) -> Floats:
    """Return the pixels float32 [3, S, S] of a crop of any size, resized as the checkpoint requires.

    They are bit-equal to open_clip's `image_transform(is_train=False)`; for a side ratio above
    MAX_ASPECT_RATIO they differ by up to two grey levels.

    Raises:
        ValueError: The image is not uint8 [H, W, 3].
    """
    image = Image.fromarray(check_rgb(crop))
    square = (
        _resize_square(image, meta, meta.size)
        if meta.resize_mode == "squash"
        else _resize_and_center_crop(image, meta)
    )
    return normalise(np.asarray(square), meta.mean, meta.std)


def preprocess_whole_image(rgb: Rgb, meta: ClipMeta, size: int) -> Floats:
    """Return the pixels float32 [3, size, size] of a whole image, squashed to the square.

    Raises:
        ValueError: The image is not uint8 [H, W, 3].
    """
    square = _resize_square(Image.fromarray(check_rgb(rgb)), meta, size)
    return normalise(np.asarray(square), meta.mean, meta.std)


def _resize_square(image: Image.Image, meta: ClipMeta, size: int) -> Image.Image:
    return image.resize((size, size), _resampling_filter(meta))


def _resize_and_center_crop(image: Image.Image, meta: ClipMeta) -> Image.Image:
    """Scale the shorter side to the size and crop the middle of the longer one (torchvision's rounding)."""
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
    """Return the coverage, 0..1, of each patch by masks bool [h, w] over the whole image.

    Returns:
        float32 [N, grid * grid], patches row by row.
    """
    coverage = np.empty((len(masks), grid, grid), np.float32)
    for patches, mask in zip(coverage, masks, strict=True):
        cv2.resize(
            _repeat_to_grid(mask, grid).astype(np.float32),
            (grid, grid),
            patches,
            interpolation=cv2.INTER_AREA,
        )
    return coverage.reshape(len(masks), grid * grid)


def _repeat_to_grid(mask: Mask, grid: int) -> Mask:
    """Repeat the mask where it is coarser than the grid: averaging over areas only shrinks."""
    down, across = (-(-grid // side) for side in mask.shape)
    return mask.repeat(down, axis=0).repeat(across, axis=1) if max(down, across) > 1 else mask
