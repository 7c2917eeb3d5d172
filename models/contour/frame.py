"""Prompts in the working frame, i.e. in pixels of the region map."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from domain.masks import Embedding, Prompt
from domain.run_lengths import mask_coverage

Window = tuple[slice, slice]
"""Window: rows and columns of the region map."""

FramePoints = NDArray[np.int64]
"""Points: int64 [K, 2], column and row inside the working frame."""


@dataclass(frozen=True)
class FramedPrompt:
    """Prompt in the working frame.

    Attributes:
        positive: Points on the object.
        negative: Points off it.
        window: The box, never empty; None without a box.
        guess: Share of each pixel that the mask covers, float32 [h, w], not all 0; None without a mask.
    """

    positive: FramePoints
    negative: FramePoints
    window: Window | None
    guess: Floats | None = None


def expand_window(window: Window, ratio: float, min_px: int = 0) -> Window:
    """Return the window larger by `ratio` of its own sides on each side, by at least `min_px` pixels.

    It starts inside the frame, but may end outside of it, as slices may.
    """
    rows, columns = (
        slice(max(0, side.start - margin), side.stop + margin)
        for side in window
        for margin in [max(min_px, round(ratio * (side.stop - side.start)))]
    )
    return rows, columns


def to_working_frame(prompt: Prompt, embedding: Embedding) -> FramedPrompt:
    """Return the prompt in the frame of the embedding's region map."""
    frame = embedding.arrays["region"].shape
    limits = np.array(frame[::-1])
    scale = limits / [embedding.width, embedding.height]
    points = np.clip((prompt.points * scale).astype(np.int64), 0, limits - 1)
    on = prompt.point_labels == 1
    window = None if prompt.box is None else _window(prompt.box.reshape(2, 2) * scale, limits)
    guess = None if prompt.mask is None else mask_coverage(prompt.mask, *frame)
    return FramedPrompt(points[on], points[~on], window, guess)


def _window(corners: NDArray[np.float64], limits: NDArray[np.int64]) -> Window:
    """Return rows and columns of a box [[x0, y0], [x1, y1]], at least one of each."""
    start = np.clip(np.round(corners[0]).astype(np.int64), 0, limits - 1)
    stop = np.clip(np.round(corners[1]).astype(np.int64), start + 1, limits)
    return slice(start[1], stop[1]), slice(start[0], stop[0])
