"""Mixes rendered scenes and photographs into batches."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tools.training.depth.augment import Size, cropped, disturbed
from tools.training.depth.cache import Scenes
from tools.training.depth.network import MEAN, STD
from tools.training.depth.photographs import Photographs

SIZES: tuple[Size, ...] = ((192, 256), (192, 256), (192, 256), (224, 224), (256, 192))
RENDERED, PHOTOGRAPHS = 6, 2
"""Pictures of each kind in a batch."""


@dataclass(frozen=True)
class Batch:
    """Tensors of one step.

    Attributes:
        pixels: float32 [RENDERED + PHOTOGRAPHS, 3, H, W], normalised.
        inverse: float32 [RENDERED, H / 2, W / 2].
        nearer: int64 [PHOTOGRAPHS, P], into the flat map at half size.
        farther: int64 [PHOTOGRAPHS, P].
        real: float32 [PHOTOGRAPHS, P].
    """

    pixels: Tensor
    inverse: Tensor
    nearer: Tensor
    farther: Tensor
    real: Tensor


class Data:
    """Batches, each a function of the seed and its step.

    Args:
        scenes: Rendered.
        photographs: With label maps.
        seed: Of everything random.
    """

    def __init__(self, scenes: Scenes, photographs: Photographs, seed: int) -> None:
        self._scenes, self._photographs, self._seed = scenes, photographs, seed

    def batch(self, step: int) -> Batch:
        """The batch of a step."""
        rng = np.random.default_rng([self._seed, 1, step])
        size = SIZES[rng.integers(len(SIZES))]
        pictures, inverses = [], []
        for _ in range(RENDERED):
            rgb, inverse = cropped(*self._scenes[int(rng.integers(len(self._scenes)))], size, rng)
            pictures.append(disturbed(rgb, rng))
            inverses.append(inverse[1::2, 1::2])
        ordered = [self._photographs.draw(rng, size) for _ in range(PHOTOGRAPHS)]
        pictures += [photograph.rgb for photograph in ordered]
        columns = zip(*((photo.nearer, photo.farther, photo.real) for photo in ordered), strict=True)
        pairs = [torch.from_numpy(np.stack(column)) for column in columns]
        return Batch(normalised_pixels(np.stack(pictures)), torch.from_numpy(np.stack(inverses)), *pairs)


def normalised_pixels(pictures: np.ndarray) -> Tensor:
    """uint8 [B, H, W, 3] as the network wants it."""
    pixels = (pictures.astype(np.float32) / 255 - np.float32(MEAN)) / np.float32(STD)
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
