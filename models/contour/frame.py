"""Carries prompts from pixels of the upright image to the working frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.masks import Embedding, Prompt

Window = tuple[slice, slice]
"""Rows and columns of the region map."""

FramePoints = NDArray[np.int64]
"""int64 [K, 2], column then row, inside the working frame."""


@dataclass(frozen=True)
class FramedPrompt:
    """A prompt in the working frame.

    Attributes:
        positive: Points on the object.
        negative: Points off it.
        window: The box, never empty; None without one.
    """

    positive: FramePoints
    negative: FramePoints
    window: Window | None


def to_working_frame(prompt: Prompt, embedding: Embedding) -> FramedPrompt:
    """The prompt in the frame of the embedding's region map."""
    limits = np.array(embedding.arrays["region"].shape[::-1])
    scale = limits / [embedding.width, embedding.height]
    points = np.clip((prompt.points * scale).astype(np.int64), 0, limits - 1)
    on = prompt.point_labels == 1
    window = None if prompt.box is None else _window(prompt.box.reshape(2, 2) * scale, limits)
    return FramedPrompt(points[on], points[~on], window)


def _window(corners: NDArray[np.float64], limits: NDArray[np.int64]) -> Window:
    """Rows and columns of a box [[x0, y0], [x1, y1]], at least one of each."""
    start = np.clip(np.round(corners[0]).astype(np.int64), 0, limits - 1)
    stop = np.clip(np.round(corners[1]).astype(np.int64), start + 1, limits)
    return slice(start[1], stop[1]), slice(start[0], stop[0])
