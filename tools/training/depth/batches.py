"""Mixes rendered scenes and annotated images into batches."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tools.training.backbone import MEAN, STD
from tools.training.depth.augment import Size, cropped, distorted
from tools.training.depth.cache import Scenes
from tools.training.depth.photographs import LabelledImages

SIZES: tuple[Size, ...] = ((192, 256), (192, 256), (192, 256), (224, 224), (256, 192))
"""Sizes that batches are drawn from; one that stands here thrice is drawn thrice as often."""

RENDERED, LABELLED = 6, 2
"""Number of rendered scenes and of annotated images in a batch."""


@dataclass(frozen=True)
class Batch:
    """The tensors of one step.

    Attributes:
        pixels: float32 [RENDERED + LABELLED, 3, H, W], normalised, the rendered scenes first.
        inverse: Inverse depth of the rendered scenes, float32 [RENDERED, H / 2, W / 2].
        nearer: int64 [LABELLED, P], indices into the flattened map of half the size.
        farther: int64 [LABELLED, P], likewise, of pixels that are farther away.
        weight: float32 [LABELLED, P], weight of each pair, 0 for padding.
    """

    pixels: Tensor
    inverse: Tensor
    nearer: Tensor
    farther: Tensor
    weight: Tensor


class Data:
    """Draws batches; each depends on the seed and its step alone.

    Args:
        scenes: The rendered scenes.
        labelled: The images with label maps.
        seed: Seed of everything random.
    """

    def __init__(self, scenes: Scenes, labelled: LabelledImages, seed: int) -> None:
        self._scenes, self._labelled, self._seed = scenes, labelled, seed

    def batch(self, step: int) -> Batch:
        """Return the batch of a step."""
        rng = np.random.default_rng([self._seed, 1, step])
        size = SIZES[rng.integers(len(SIZES))]
        images, inverses = [], []
        for _ in range(RENDERED):
            rgb, inverse = cropped(*self._scenes[int(rng.integers(len(self._scenes)))], size, rng)
            images.append(distorted(rgb, rng))
            inverses.append(inverse[1::2, 1::2])
        ordered = [self._labelled.draw(rng, size) for _ in range(LABELLED)]
        images += [image.rgb for image in ordered]
        columns = zip(*((image.nearer, image.farther, image.weight) for image in ordered), strict=True)
        pairs = [torch.from_numpy(np.stack(column)) for column in columns]
        return Batch(normalised(np.stack(images)), torch.from_numpy(np.stack(inverses)), *pairs)


def normalised(images: NDArray[np.uint8]) -> Tensor:
    """Return images uint8 [B, H, W, 3] as the network expects them, float32 [B, 3, H, W]."""
    mean, std = np.array(MEAN, np.float32), np.array(STD, np.float32)
    pixels = (images.astype(np.float32) / 255 - mean) / std
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
