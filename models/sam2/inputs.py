"""Prompts in pixels of the photograph to points in the network's frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from domain.masks import Embedding, Prompt
from models.sam2.pixels import SIDE

CORNERS = np.array([2, 3], np.int64)
"""Labels of a box's corners."""


@dataclass(frozen=True)
class Batch:
    """Prompts with the same number of points, which the network takes together.

    Attributes:
        index: Which of the prompts each is.
        coords: float32 [B, K, 2].
        labels: int64 [B, K].
    """

    index: list[int]
    coords: Floats
    labels: NDArray[np.int64]

    @property
    def is_ambiguous(self) -> bool:
        """Whether these are single clicks, which may mean a part, an object or a group."""
        return bool(self.labels.shape[1] == 1)


def batches(prompts: Sequence[Prompt], embedding: Embedding) -> list[Batch]:
    """The prompts by their number of points, in the order of first appearance."""
    scale = np.array([embedding.width, embedding.height], np.float32)
    groups: dict[int, list[tuple[int, Floats, NDArray[np.int64]]]] = {}
    for index, prompt in enumerate(prompts):
        coords, labels = _points(prompt)
        groups.setdefault(len(labels), []).append((index, coords / scale * np.float32(SIDE), labels))
    return [
        Batch(
            [index for index, _, _ in group],
            np.stack([c for _, c, _ in group]),
            np.stack([k for _, _, k in group]),
        )
        for group in groups.values()
    ]


def _points(prompt: Prompt) -> tuple[Floats, NDArray[np.int64]]:
    """The corners of the box, if there is one, then the points, as SAM2ImagePredictor orders them."""
    coords = prompt.points.astype(np.float32)
    if prompt.box is None:
        return coords, prompt.point_labels
    corners = prompt.box.astype(np.float32).reshape(2, 2)
    return np.concatenate([corners, coords]), np.concatenate([CORNERS, prompt.point_labels])
