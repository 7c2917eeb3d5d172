"""Photograph to the network's input, equal to Meta's SAM2Transforms without torch."""

import numpy as np
from PIL import Image

from domain.arrays import Floats, Rgb, check_rgb

SIDE = 1024
MEAN = np.array([0.485, 0.456, 0.406], np.float32)[:, None, None]
STD = np.array([0.229, 0.224, 0.225], np.float32)[:, None, None]


def to_pixels(rgb: Rgb) -> Floats:
    """Normalised float32 [1, 3, 1024, 1024]; the whole photograph, its aspect is not kept.

    Pillow's bilinear filter on floats is what torchvision's antialiased resize computes. One channel is
    float at a time.

    Raises:
        ValueError: Not uint8 [H, W, 3].
    """
    planes = [_resized(rgb[..., channel]) for channel in range(check_rgb(rgb).shape[2])]
    pixels: Floats = (np.stack(planes) / np.float32(255) - MEAN) / STD
    return pixels[None]


def _resized(plane: Rgb) -> Floats:
    image = Image.fromarray(plane).convert("F").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.asarray(image, np.float32)
