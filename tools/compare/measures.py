"""What probabilities are worth: accuracy, confusion, calibration, and whether two differ by chance."""

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from tools.compare.classifier import Targets

CALIBRATION_BINS = 10


@dataclass(frozen=True)
class Reliability:
    """Answers by how sure they were, BINS bins of equal width.

    Attributes:
        confidence: Mean probability of the answers in each bin, [B]; nan in an empty one.
        accuracy: Share of them that is right, [B].
        counts: How many there are, [B].
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


def softmax(logits: Floats) -> Floats:
    """Probabilities [N, C] of logits [N, C]."""
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = exponents / exponents.sum(axis=1, keepdims=True)
    return shares


def is_correct(probabilities: Floats, targets: Targets) -> NDArray[np.bool_]:
    """Whether each answer is right, [N]."""
    found: NDArray[np.bool_] = probabilities.argmax(axis=1) == targets
    return found


def top_accuracy(probabilities: Floats, targets: Targets, count: int) -> float:
    """How often the right class is among the `count` most probable ones."""
    mine = np.take_along_axis(probabilities, targets[:, None], axis=1)
    return float(((probabilities > mine).sum(axis=1) < count).mean())


def class_accuracy(probabilities: Floats, targets: Targets) -> NDArray[np.float64]:
    """Share of the examples of each class that is answered rightly, [C]."""
    matrix = confusion(probabilities, targets)
    shares: NDArray[np.float64] = np.diag(matrix) / np.maximum(matrix.sum(axis=1), 1)
    return shares


def confusion(probabilities: Floats, targets: Targets) -> NDArray[np.int64]:
    """How often each class (row) is answered with each (column), [C, C]."""
    classes = probabilities.shape[1]
    pairs = targets * classes + probabilities.argmax(axis=1)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def reliability(probabilities: Floats, targets: Targets) -> Reliability:
    """How sure the answers were, and how often right."""
    sure, hits = probabilities.max(axis=1).astype(np.float64), is_correct(probabilities, targets)
    bins = np.minimum((sure * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
    counts = np.bincount(bins, minlength=CALIBRATION_BINS)
    with np.errstate(invalid="ignore"):
        means = [
            np.bincount(bins, weights=values, minlength=CALIBRATION_BINS) / counts for values in (sure, hits)
        ]
    return Reliability(means[0], means[1], counts)


def mcnemar_p_value(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Probability of a difference at least as large if both were equally good (McNemar's exact test).

    Args:
        first: Whether each answer of the one is right, [N].
        second: The same of the other, on the same examples.
    """
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    differ = only_first + only_second
    if differ == 0:
        return 1.0
    tail = sum(comb(differ, k) for k in range(min(only_first, only_second) + 1))
    return min(1.0, float(2 * tail / 2**differ))


def harmonic_mean(first: float, second: float) -> float:
    """Of two accuracies: high only where both are (Xian et al., TPAMI 2019)."""
    return 0.0 if first + second == 0 else 2 * first * second / (first + second)
