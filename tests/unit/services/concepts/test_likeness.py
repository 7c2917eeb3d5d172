"""The probability that regions show what examples show."""

import numpy as np
import pytest

from domain.arrays import Floats
from services.concepts.likeness import OTHER_IMAGE, SAME_IMAGE, Appearance, match_probabilities

LIKE, UNLIKE = [1.0, 0.0], [0.0, 1.0]
ALIKE = [0.6, 0.8]


def _appearance(*vectors: list[float]) -> Appearance:
    rows = np.array(vectors, np.float32)
    return Appearance(rows, np.square(rows))


def _probabilities(
    regions: Appearance, examples: Appearance, positive: list[bool], quality: list[float] | None = None
) -> Floats:
    found = quality or [0.5] * len(regions.vectors)
    return match_probabilities(regions, np.array(found, np.float32), examples, np.array(positive), SAME_IMAGE)


def test_the_more_alike_the_more_probable() -> None:
    found = _probabilities(_appearance(LIKE, ALIKE, UNLIKE), _appearance(LIKE), [True])
    assert found.dtype == np.float32
    assert found[0] > 0.5 > found[1] > found[2] > 0
    assert found[2] < 0.001


def test_a_region_of_higher_quality_is_more_probable() -> None:
    found = _probabilities(_appearance(LIKE, LIKE), _appearance(LIKE), [True], [0.4, 0.6])
    assert found[0] < found[1]


def test_the_nearest_positive_example_counts() -> None:
    one = _probabilities(_appearance(LIKE, UNLIKE), _appearance(LIKE), [True])
    both = _probabilities(_appearance(LIKE, UNLIKE), _appearance(LIKE, UNLIKE), [True, True])
    np.testing.assert_allclose(both, [one[0], one[0]])


def test_what_is_more_like_a_negative_example_is_improbable() -> None:
    regions, examples = _appearance(LIKE, ALIKE), _appearance(LIKE, ALIKE)
    alone = _probabilities(regions, _appearance(LIKE), [True])
    found = _probabilities(regions, examples, [True, False])
    assert found[0] == pytest.approx(alone[0], abs=0.01)
    assert found[1] < 0.01 * alone[1]


def test_an_equal_negative_example_halves_the_probability() -> None:
    regions = _appearance(LIKE)
    alone = _probabilities(regions, _appearance(LIKE), [True])
    found = _probabilities(regions, _appearance(LIKE, LIKE), [True, False])
    np.testing.assert_allclose(found, alone / 2)


def test_examples_of_another_image_need_not_be_as_near() -> None:
    regions, examples = _appearance(ALIKE), _appearance(LIKE)
    quality, positive = np.array([0.5], np.float32), np.array([True])
    same, other = (
        match_probabilities(regions, quality, examples, positive, weights)
        for weights in (SAME_IMAGE, OTHER_IMAGE)
    )
    assert other > same


def test_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match="labels"):
        Appearance(np.zeros((2, 3), np.float32), np.zeros((1, 4), np.float32))
