"""Photograph to the network's input, equal to Meta's SAM2Transforms without torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from domain.arrays import Floats, Rgb, check_rgb
from domain.masks import Embedding, Prompt

INPUT_SIDE_PX = 1024

IMAGENET_MEAN = np.array([0.485, 0.456, 0.406], np.float32)[:, None, None]

IMAGENET_STD = np.array([0.229, 0.224, 0.225], np.float32)[:, None, None]


def preprocess_for_sam2(rgb: Rgb) -> Floats:
    """Normalised float32 [1, 3, 1024, 1024]; the whole photograph, its aspect is not kept.

    Pillow's bilinear filter on floats is what torchvision's antialiased resize computes. One channel is
    float at a time.

    Raises:
        ValueError: Not uint8 [H, W, 3].
    """
    planes = [_resize_plane(rgb[..., channel]) for channel in range(check_rgb(rgb).shape[2])]
    pixels: Floats = (np.stack(planes) / np.float32(255) - IMAGENET_MEAN) / IMAGENET_STD
    return pixels[None]


def _resize_plane(plane: Rgb) -> Floats:
    image = (
        Image.fromarray(plane).convert("F").resize((INPUT_SIDE_PX, INPUT_SIDE_PX), Image.Resampling.BILINEAR)
    )
    return np.asarray(image, np.float32)


BOX_CORNER_LABELS = np.array([2, 3], np.int64)
"""Labels of a box's corners."""


@dataclass(frozen=True)
class PromptBatch:
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


def batch_prompts(prompts: Sequence[Prompt], embedding: Embedding) -> list[PromptBatch]:
    """The prompts by their number of points, in the order of first appearance."""
    scale = np.array([embedding.width, embedding.height], np.float32)
    groups: dict[int, list[tuple[int, Floats, NDArray[np.int64]]]] = {}
    for index, prompt in enumerate(prompts):
        coords, labels = _corners_and_points(prompt)
        groups.setdefault(len(labels), []).append((index, coords / scale * np.float32(INPUT_SIDE_PX), labels))
    return [
        PromptBatch(
            [index for index, _, _ in group],
            np.stack([c for _, c, _ in group]),
            np.stack([k for _, _, k in group]),
        )
        for group in groups.values()
    ]


def _corners_and_points(prompt: Prompt) -> tuple[Floats, NDArray[np.int64]]:
    """The corners of the box, if there is one, then the points, as SAM2ImagePredictor orders them."""
    coords = prompt.points.astype(np.float32)
    if prompt.box is None:
        return coords, prompt.point_labels
    corners = prompt.box.astype(np.float32).reshape(2, 2)
    return np.concatenate([corners, coords]), np.concatenate([BOX_CORNER_LABELS, prompt.point_labels])
