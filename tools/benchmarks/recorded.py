"""Predictions as a trained SAM would make them, for networks whose weights are random.

Masks and their order of quality come from the embedded segmenter on the same photograph: one recording, which
both pipelines of a comparison are fed with while their own networks do all their work.
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
NESTED = 3
SLOPE = 2.0
LARGEST = 16.0
"""Logits a low-resolution pixel away from the border of a mask, and anywhere at most."""


@dataclass(frozen=True)
class Recording:
    """What each grid point is answered.

    Attributes:
        logits: float32 [P, 3, 256, 256].
        ious: float32 [P, 3], spread evenly over 0.5..1.
    """

    logits: Floats
    ious: Floats


def record(rgb: Rgb, points_per_side: int) -> Recording:
    """Answers for the grid of a photograph."""
    segmenter = build_services(Settings()).models.segmenter.get()
    prompts = point_grid_prompts(rgb.shape[1], rgb.shape[0], points_per_side)
    found = segmenter.decode(segmenter.encode(rgb), prompts)
    first = np.searchsorted(found.prompt_index, np.arange(len(prompts)))
    last = np.searchsorted(found.prompt_index, np.arange(len(prompts)), side="right") - 1
    # A point with fewer answers repeats its last one, as SAM's three masks often do.
    index = np.minimum(first[:, None] + np.arange(NESTED), last[:, None])
    ranks = np.argsort(np.argsort(found.quality[index], axis=None, kind="stable")).reshape(index.shape)
    logits = np.stack([_logits(mask > 0) for mask in found.logits])
    return Recording(logits[index], (0.5 + 0.5 * ranks / ranks.size).astype(np.float32))


def _logits(mask: NDArray[np.bool_]) -> Floats:
    """SLOPE times the distance from the mask's border, at 256 x 256."""
    small = cv2.resize(mask.astype(np.uint8), (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    inside, outside = (cv2.distanceTransform(part, cv2.DIST_L2, 5) for part in (small, 1 - small))
    # A frame of one kind is infinitely far from the other.
    nearest: Floats = np.minimum(inside, SIDE) - np.minimum(outside, SIDE)
    return np.clip(SLOPE * nearest, -LARGEST, LARGEST)


class RecordedNetwork:
    """A network that does its work and answers from a recording.

    Args:
        network: What works.
        recording: What is answered.
        points_per_side: Of the recorded grid.
    """

    def __init__(self, network: Sam2Network, recording: Recording, points_per_side: int) -> None:
        self._network = network
        self._recording = recording
        self._side = points_per_side
        self.prompts_per_batch = network.prompts_per_batch

    def encode(self, pixels: Floats) -> Mapping[str, Floats]:
        """The network's own features."""
        return self._network.encode(pixels)

    def decode(
        self,
        features: Mapping[str, Floats],
        coords: Floats,
        labels: NDArray[np.int64],
        wanted: Callable[[Floats], NDArray[np.bool_]],
    ) -> tuple[Floats, Floats]:
        """The recorded answers; the network draws as many masks as they want of it."""
        column, row = (coords[:, 0] * self._side / 1024).astype(int).T
        points = row * self._side + column
        ious = np.zeros((len(points), NESTED + 1), np.float32)
        ious[:, 1:] = self._recording.ious[points]
        self._network.decode(features, coords, labels, lambda _: wanted(ious.copy()))
        return ious, self._recording.logits[points][wanted(ious.copy())[:, 1:]]


@contextmanager
def recorded_decoder(decoder: Any, recording: Recording) -> Iterator[None]:
    """Meta's mask decoder does its work inside and answers from the recording, point by point of the grid."""
    original, answered = decoder.forward, 0

    def forward(*arguments: Any, **options: Any) -> Any:
        nonlocal answered
        masks, _, *others = original(*arguments, **options)
        part = slice(answered, answered + len(masks))
        answered += len(masks)
        return torch.from_numpy(recording.logits[part]), torch.from_numpy(recording.ious[part]), *others

    decoder.forward = forward
    try:
        yield
    finally:
        decoder.forward = original
