"""Shortlists for tests of what works on them."""

import numpy as np

from domain.masks import Candidates
from services.masks.candidates import CroppedCandidates
from services.masks.filter import CandidateFilter


def shortlist(logits: np.ndarray, quality: list[float] | None = None) -> CroppedCandidates:
    """All candidates of logits [N, h, w], in order."""
    count = len(logits)
    scores = np.full(count, 0.75, np.float32) if quality is None else np.array(quality, np.float32)
    candidates = Candidates(logits, np.arange(count), scores, np.full(count, 0.5, np.float32))
    return CandidateFilter(allow_duplicates=True).apply(candidates, 100, 100)
