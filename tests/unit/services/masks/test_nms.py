"""Mask IoU and containment deduplication."""

import numpy as np
import pytest

from services.masks.bitmasks import counts, overlaps, pack
from services.masks.nms import distinct


def squares(*boxes: tuple[int, int, int, int], side: int = 100) -> np.ndarray:
    """Logits [N, side, side] that are positive inside the boxes x0, y0, x1, y1."""
    logits = np.full((len(boxes), side, side), -1, np.int8)
    for index, (x0, y0, x1, y1) in enumerate(boxes):
        logits[index, y0:y1, x0:x1] = 1
    return logits


def test_packed_masks_count_like_masks() -> None:
    bits = pack(squares((0, 0, 10, 10), (5, 5, 20, 20)))
    assert counts(bits).tolist() == [100, 225]
    assert overlaps(bits, bits[0]).tolist() == [100, 25]


def test_large_masks_are_thinned() -> None:
    bits = pack(squares((0, 0, 512, 512), side=512))
    assert counts(bits).tolist() == [256 * 256]


@pytest.mark.parametrize(
    ("boxes", "quality", "kept"),
    [
        pytest.param([(0, 0, 50, 50), (60, 60, 90, 90)], [0.5, 0.9], [1, 0], id="apart: both, best first"),
        pytest.param([(0, 0, 50, 50), (0, 0, 50, 49)], [0.5, 0.9], [1], id="nearly equal: the better"),
        pytest.param([(0, 0, 50, 50), (0, 0, 50, 50)], [0.5, 0.5], [0], id="equal in all: the earlier"),
        pytest.param([(0, 0, 50, 50), (0, 0, 50, 36)], [0.9, 0.5], [0], id="contained, close in size"),
        pytest.param([(0, 0, 50, 50), (0, 0, 50, 36)], [0.5, 0.9], [1], id="contains a better one"),
        pytest.param(
            [(0, 0, 50, 50), (0, 0, 20, 20)], [0.9, 0.5], [0, 1], id="a part stays beside its object"
        ),
        pytest.param([(0, 0, 50, 50), (20, 0, 70, 50)], [0.9, 0.5], [0, 1], id="overlap without containment"),
    ],
)
def test_which_masks_stay(boxes: list, quality: list[float], kept: list[int]) -> None:
    found = distinct(pack(squares(*boxes)), np.array(quality, np.float32))
    assert found.tolist() == kept


def test_nothing_of_nothing() -> None:
    assert distinct(pack(squares()), np.zeros(0, np.float32)).tolist() == []
