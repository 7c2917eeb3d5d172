"""Stability, measured at full size where it decides."""

import cv2
import numpy as np

from domain.masks import Candidates
from services.masks.stability import settled


def _candidates(stability: list[float], dtype: type = np.float32) -> Candidates:
    y, x = np.mgrid[:64, :64]
    logits = (3 * (12 - np.hypot(x - 30, y - 33))).astype(dtype)
    count = len(stability)
    return Candidates(
        np.stack([logits] * count),
        np.arange(count),
        np.ones(count, np.float32),
        np.array(stability, np.float32),
    )


def test_only_what_is_near_the_threshold_is_measured_again() -> None:
    candidates = _candidates([0.5, 0.93, 0.99])
    found = settled(candidates, 0.95, 320, 200)
    whole = cv2.resize(candidates.logits[1], (320, 200), interpolation=cv2.INTER_LINEAR)
    expected = (whole > 1).sum() / (whole > -1).sum()
    assert found[[0]].tolist() == candidates.stability[[0]].tolist()
    assert np.allclose(found[1:2], expected, atol=1e-4)


def test_without_a_threshold_or_float_logits_nothing_is_measured() -> None:
    assert settled(_candidates([0.01]), 0.0, 320, 200).tolist() == np.float32([0.01]).tolist()
    assert settled(_candidates([0.95], np.int8), 0.95, 320, 200).tolist() == np.float32([0.95]).tolist()
