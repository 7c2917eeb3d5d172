"""Replaces the predictions of a SAM with random weights by predictions like those of a trained one.

Masks and their order of quality are recorded from the embedded segmenter on the same image. Both pipelines of
a comparison continue with this recording after their own networks have done all their work.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from bootstrap import build_services
from config.settings import Settings
from domain.arrays import Floats, Rgb
from models.sam2.network import Sam2Network
from services.masks.grid import point_grid_prompts

SIDE = 256
"""Side of the logits of SAM's decoder in pixels."""

INPUT_SIDE = 1024
"""Side of SAM's input in pixels, in which the coordinates of points are given."""

NESTED = 3
"""Number of masks that SAM predicts for a point."""

SLOPE, LARGEST = 2.0, 16.0
"""Increase of the logits per pixel of distance from the border of a mask, and their largest value."""


@dataclass(frozen=True)
class Recording:
    """The predictions for each point of a grid.

    Attributes:
        logits: float32 [P, NESTED, SIDE, SIDE].
        ious: float32 [P, NESTED], spread evenly over 0.5..1.
    """

    logits: Floats
    ious: Floats


def record(rgb: Rgb, points_per_side: int) -> Recording:
    """Record the predictions for a grid of `points_per_side` x `points_per_side` points on an image."""
    segmenter = build_services(Settings()).models.segmenter.get()
    prompts = point_grid_prompts(rgb.shape[1], rgb.shape[0], points_per_side)
    found = segmenter.decode(segmenter.encode(rgb), prompts)
    first = np.searchsorted(found.prompt_index, np.arange(len(prompts)))
    last = np.searchsorted(found.prompt_index, np.arange(len(prompts)), side="right") - 1
    # A point with fewer masks repeats its last one, as the masks of SAM often do.
    index = np.minimum(first[:, None] + np.arange(NESTED), last[:, None])
    ranks = np.argsort(np.argsort(found.quality[index], axis=None, kind="stable")).reshape(index.shape)
    logits = np.stack([_logits(mask > 0) for mask in found.logits])
    return Recording(logits[index], (0.5 + 0.5 * ranks / ranks.size).astype(np.float32))


def _logits(mask: NDArray[np.bool_]) -> Floats:
    """Return SLOPE times the distance from the border of a mask, float32 [SIDE, SIDE]."""
    small = cv2.resize(mask.astype(np.uint8), (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    inside, outside = (cv2.distanceTransform(part, cv2.DIST_L2, 5) for part in (small, 1 - small))
    # Without a border the distance is infinite.
    nearest = np.minimum(inside, SIDE) - np.minimum(outside, SIDE)
    return np.asarray(np.clip(SLOPE * nearest, -LARGEST, LARGEST), np.float32)


class RecordedNetwork:
    """A network that does its work and then returns recorded predictions.

    Args:
        network: The network that does the work.
        recording: The predictions that are returned.
        points_per_side: Side of the recorded grid in points.
    """

    def __init__(self, network: Sam2Network, recording: Recording, points_per_side: int) -> None:
        self._network = network
        self._recording = recording
        self._side = points_per_side
        self.prompts_per_batch = network.prompts_per_batch

    def encode(self, pixels: Floats) -> Mapping[str, Floats]:
        """Return the features of the network itself."""
        return self._network.encode(pixels)

    def decode(
        self,
        features: Mapping[str, Floats],
        coords: Floats,
        labels: NDArray[np.int64],
        select: Callable[[Floats], NDArray[np.bool_]],
        masks: Floats | None = None,  # noqa: ARG002 - the interface has it
    ) -> tuple[Floats, Floats]:
        """Return the recorded IoUs and logits, after the network has drawn as many masks as they select."""
        column, row = (coords[:, 0] * self._side / INPUT_SIDE).astype(int).T
        points = row * self._side + column
        ious = np.zeros((len(points), NESTED + 1), np.float32)
        ious[:, 1:] = self._recording.ious[points]
        self._network.decode(features, coords, labels, lambda _: select(ious.copy()))
        return ious, self._recording.logits[points][select(ious.copy())[:, 1:]]


@contextmanager
def recorded_decoder(decoder: Any, recording: Recording) -> Iterator[None]:
    """Make Meta's mask decoder return recorded predictions inside the block, after it has done its work.

    It must be given every point of the grid once, in order.
    """
    original, done = decoder.forward, 0

    def forward(*args: Any, **options: Any) -> Any:
        nonlocal done
        masks, _, *others = original(*args, **options)
        part = slice(done, done + len(masks))
        done += len(masks)
        return torch.from_numpy(recording.logits[part]), torch.from_numpy(recording.ious[part]), *others

    decoder.forward = forward
    try:
        yield
    finally:
        decoder.forward = original
