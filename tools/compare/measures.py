"""Computes accuracy, confusion, calibration and the significance of a difference from probabilities."""

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from tools.compare.classifier import Targets

CALIBRATION_BINS = 10


@dataclass(frozen=True)
class Reliability:
    """A reliability diagram: predictions in `CALIBRATION_BINS` bins of equal width by confidence.

    Attributes:
        confidence: Mean confidence in each bin, float64 [B]; nan in an empty bin.
        accuracy: Accuracy in each bin, float64 [B]; nan in an empty bin.
        counts: Number of predictions in each bin, int64 [B].
    """

    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    counts: NDArray[np.int64]

    @property
    def error(self) -> float:
        """Expected calibration error (Naeini et al., AAAI 2015): the mean gap, weighted by count."""
        full = self.counts > 0
        gaps = np.abs(self.confidence - self.accuracy)[full]
        return float((gaps * self.counts[full]).sum() / self.counts.sum())


def is_correct(probabilities: Floats, targets: Targets) -> NDArray[np.bool_]:
    """Return whether the most probable class is the target, bool [N], for probabilities [N, C]."""
    correct: NDArray[np.bool_] = probabilities.argmax(axis=1) == targets
    return correct


def top_k_accuracy(probabilities: Floats, targets: Targets, k: int) -> float:
    """Return the share of examples whose target is among the `k` most probable classes."""
    of_target = np.take_along_axis(probabilities, targets[:, None], axis=1)
    return float(((probabilities > of_target).sum(axis=1) < k).mean())


def class_accuracy(probabilities: Floats, targets: Targets) -> NDArray[np.float64]:
    """Return the accuracy on the examples of each class, float64 [C]; 0 for a class without examples."""
    matrix = confusion_matrix(probabilities, targets)
    accuracy: NDArray[np.float64] = np.diag(matrix) / np.maximum(matrix.sum(axis=1), 1)
    return accuracy


def confusion_matrix(probabilities: Floats, targets: Targets) -> NDArray[np.int64]:
    """Return how often each class (row) is predicted as each class (column), int64 [C, C]."""
    classes = probabilities.shape[1]
    pairs = targets * classes + probabilities.argmax(axis=1)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def reliability(probabilities: Floats, targets: Targets) -> Reliability:
    """Return the reliability diagram of probabilities [N, C]."""
    confidence, correct = probabilities.max(axis=1).astype(np.float64), is_correct(probabilities, targets)
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
    counts = np.bincount(bins, minlength=CALIBRATION_BINS)
    with np.errstate(invalid="ignore"):
        means = [
            np.bincount(bins, weights=values, minlength=CALIBRATION_BINS) / counts
            for values in (confidence, correct)
        ]
    return Reliability(means[0], means[1], counts)


def mcnemar_p_value(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Return the two-sided p-value of McNemar's exact test that both methods are equally accurate.

    Args:
        first: Whether each prediction of one method is correct, bool [N].
        second: Whether each prediction of the other is correct, on the same examples, bool [N].
    """
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    differ = only_first + only_second
    if differ == 0:
        return 1.0
    tail = sum(comb(differ, k) for k in range(min(only_first, only_second) + 1))
    return min(1.0, float(2 * tail / 2**differ))


def harmonic_mean(first: float, second: float) -> float:
    """Return the harmonic mean of two accuracies, high only where both are (Xian et al., TPAMI 2019)."""
    return 0.0 if first + second == 0 else 2 * first * second / (first + second)
