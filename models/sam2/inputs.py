"""Inputs of SAM 2.1: pixels equal to those of Meta's SAM2Transforms without torch, and batches of prompts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from domain.arrays import Floats, Rgb, check_rgb
from domain.masks import Embedding, Prompt, Rle
from domain.run_lengths import mask_coverage
from models.runtime.normalise import IMAGENET_MEAN, IMAGENET_STD, normalise

INPUT_SIDE_PX = 1024


def preprocess_for_sam2(rgb: Rgb) -> Floats:
    """Return normalised pixels float32 [1, 3, 1024, 1024] of the whole image, stretched to the square.

    Pillow's bilinear filter on floats computes torchvision's antialiased resize. One channel is float at a
    time, which limits the memory.

    Raises:
        ValueError: `rgb` is not uint8 [H, W, 3].
    """
    planes = [_resize_plane(rgb[..., channel]) for channel in range(check_rgb(rgb).shape[2])]
    return normalise(np.stack(planes, axis=-1), IMAGENET_MEAN, IMAGENET_STD)[None]


def _resize_plane(plane: Rgb) -> Floats:
    image = (
        Image.fromarray(plane).convert("F").resize((INPUT_SIDE_PX, INPUT_SIDE_PX), Image.Resampling.BILINEAR)
    )
    return np.asarray(image, np.float32)


BOX_CORNER_LABELS = np.array([2, 3], np.int64)
"""Point labels of the corners of a box."""


@dataclass(frozen=True)
class PromptBatch:
    """Prompts with the same number of points, which the network decodes together.

    Attributes:
        index: Index of each prompt among all prompts.
        coords: float32 [B, K, 2], x and y in the 1024 x 1024 frame.
        labels: int64 [B, K], labels of the points.
        masks: float32 [B, 256, 256], logits of the first guesses; None without them.
    """

    index: list[int]
    coords: Floats
    labels: NDArray[np.int64]
    masks: Floats | None

    @property
    def is_ambiguous(self) -> bool:
        """True for single clicks without a mask, which may mean a part, an object or a group."""
        return self.masks is None and self.labels.shape[1] == 1


MASK_INPUT_SIDE_PX = 256

MASK_INPUT_SCALE, MASK_INPUT_BIAS = 20.0, -10.0
"""Logits of a mask are 20 m - 10, as in `_use_mask_as_output` of Meta's SAM2Base."""


def mask_input(mask: Rle) -> Floats:
    """Return the logits float32 [256, 256] of a mask, as `mask_input` of SAM2ImagePredictor takes them.

    The share of a cell that the mask covers, 0..1, is scaled like a mask of ones and zeros.
    """
    coverage = mask_coverage(mask, MASK_INPUT_SIDE_PX, MASK_INPUT_SIDE_PX)
    return coverage * np.float32(MASK_INPUT_SCALE) + np.float32(MASK_INPUT_BIAS)


def batch_prompts(prompts: Sequence[Prompt], embedding: Embedding) -> list[PromptBatch]:
    """Return the prompts in batches by their number of points, with or without a mask.

    The batches are in the order of first appearance.
    """
    groups: dict[tuple[int, bool], list[int]] = {}
    for index, prompt in enumerate(prompts):
        count = len(prompt.points) + (0 if prompt.box is None else len(BOX_CORNER_LABELS))
        groups.setdefault((count, prompt.mask is not None), []).append(index)
    return [_batch(index, [prompts[each] for each in index], embedding) for index in groups.values()]


def _batch(index: list[int], prompts: Sequence[Prompt], embedding: Embedding) -> PromptBatch:
    scale = np.array([embedding.width, embedding.height], np.float32)
    coords, labels = zip(*map(_corners_and_points, prompts), strict=True)
    masks = [mask_input(prompt.mask) for prompt in prompts if prompt.mask is not None]
    return PromptBatch(
        index,
        np.asarray(np.stack(coords) / scale * np.float32(INPUT_SIDE_PX), np.float32),
        np.stack(labels),
        np.stack(masks) if masks else None,
    )


def _corners_and_points(prompt: Prompt) -> tuple[Floats, NDArray[np.int64]]:
    """Return the corners of the box, if there is one, then the points, in SAM2ImagePredictor's order."""
    coords = prompt.points.astype(np.float32)
    if prompt.box is None:
        return coords, prompt.point_labels
    corners = prompt.box.astype(np.float32).reshape(2, 2)
    return np.concatenate([corners, coords]), np.concatenate([BOX_CORNER_LABELS, prompt.point_labels])
