"""Logits and candidates for the tests of services/masks/."""

import numpy as np

from domain.masks import Candidates
from services.masks.candidates import CroppedCandidates
from services.masks.filter import CandidateFilter


def squares(*boxes: tuple[int, int, int, int], side: int = 100) -> np.ndarray:
    """Return logits [N, side, side] that are positive inside the boxes x0, y0, x1, y1."""
    logits = np.full((len(boxes), side, side), -1, np.int8)
    for index, (x0, y0, x1, y1) in enumerate(boxes):
        logits[index, y0:y1, x0:x1] = 1
    return logits


def cropped(logits: np.ndarray, quality: list[float] | None = None) -> CroppedCandidates:
    """Return candidates of logits [N, h, w], in order, with a stability of 0.5."""
    count = len(logits)
    scores = np.full(count, 0.75, np.float32) if quality is None else np.array(quality, np.float32)
    candidates = Candidates(logits, np.arange(count), scores, np.full(count, 0.5, np.float32))
    return CandidateFilter(allow_duplicates=True).apply(candidates, 100, 100)
