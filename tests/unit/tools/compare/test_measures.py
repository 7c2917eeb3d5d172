"""Measures equal values computed by hand."""

import numpy as np
import pytest

from domain.arrays import softmax
from tools.compare.measures import (
    class_accuracy,
    confusion_matrix,
    harmonic_mean,
    is_correct,
    mcnemar_p_value,
    reliability,
    top_k_accuracy,
)

PROBABILITIES = np.array(
    [[0.95, 0.05, 0.0], [0.15, 0.85, 0.0], [0.45, 0.35, 0.2], [0.04, 0.04, 0.92], [0.3, 0.55, 0.15]],
    np.float32,
)
TARGETS = np.array([0, 1, 1, 2, 2])
"""Right, right, wrong (0 for 1), right, wrong (1 for 2)."""


def test_accuracy_and_top() -> None:
    assert is_correct(PROBABILITIES, TARGETS).tolist() == [True, True, False, True, False]
    assert [top_k_accuracy(PROBABILITIES, TARGETS, count) for count in (1, 2, 3)] == [0.6, 0.8, 1.0]


def test_confusion_has_a_row_for_each_class() -> None:
    assert confusion_matrix(PROBABILITIES, TARGETS).tolist() == [[1, 0, 0], [1, 1, 0], [0, 1, 1]]
    assert class_accuracy(PROBABILITIES, TARGETS).tolist() == [1, 0.5, 0.5]


def test_a_class_without_examples_has_accuracy_0() -> None:
    assert class_accuracy(PROBABILITIES[:2], TARGETS[:2]).tolist() == [1, 1, 0]


def test_calibration_error() -> None:
    """By hand: bins .4 (.45, wrong), .5 (.55, wrong), .8 (.85, right), .9 (.95 and .92, both right).

    (0.45 + 0.55 + 0.15 + 2 * 0.065) / 5 = 0.256.
    """
    found = reliability(PROBABILITIES, TARGETS)
    assert found.counts.tolist() == [0, 0, 0, 0, 1, 1, 0, 0, 1, 2]
    assert found.accuracy[[4, 5, 8, 9]].tolist() == [0, 0, 1, 1]
    assert found.confidence[9] == pytest.approx(0.935)
    assert found.error == pytest.approx(0.256)


def test_certain_and_correct_predictions_have_no_calibration_error() -> None:
    assert reliability(np.eye(3, dtype=np.float32), np.arange(3)).error == 0


@pytest.mark.parametrize(
    ("only_first", "only_second", "expected"), [(0, 0, 1.0), (3, 3, 1.0), (5, 0, 2 / 32), (1, 5, 2 * 7 / 64)]
)
def test_mcnemar(only_first: int, only_second: int, expected: float) -> None:
    both = 4
    first = np.array([True] * (both + only_first) + [False] * only_second)
    second = np.array([True] * both + [False] * only_first + [True] * only_second)
    assert mcnemar_p_value(first, second) == pytest.approx(expected)


def test_the_harmonic_mean_is_high_only_where_both_are() -> None:
    assert harmonic_mean(0.5, 1.0) == pytest.approx(2 / 3)
    assert harmonic_mean(0.9, 0.0) == harmonic_mean(0.0, 0.0) == 0


def test_softmax_does_not_overflow() -> None:
    rows = softmax(np.array([[1000.0, 1000.0], [0.0, np.log(3)]], np.float32))
    assert rows == pytest.approx(np.array([[0.5, 0.5], [0.25, 0.75]]))
