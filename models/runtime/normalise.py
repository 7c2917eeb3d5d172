"""Normalisation of pixels by mean and standard deviation, shared by the image encoders."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Mean and standard deviation of ImageNet by channel, for pixels in 0..1."""

CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""Mean and standard deviation of CLIP's training images by channel, for pixels in 0..1."""


def normalise(rgb: NDArray[Any], mean: Sequence[float], std: Sequence[float]) -> Floats:
    """Return the pixels [h, w, 3] in 0..255 scaled to 0..1 and normalised, float32 [3, h, w].

    All steps are computed in float32, as torchvision does.
    """
    pixels = np.asarray(rgb, np.float32) / np.float32(255)
    scaled = (pixels - np.array(mean, np.float32)) / np.array(std, np.float32)
    planes: Floats = np.ascontiguousarray(scaled.transpose(2, 0, 1))
    return planes
