"""Few-shot head: a linear correction of the text logits that is fitted to examples.

It is a logistic regression over the encoder's vectors whose starting point and prior mean are the zero-shot
text classifier (as in CLAP, Silva-Rodriguez et al. 2024, arXiv 2312.12730): without examples nothing changes.
A second loss term uses every example, without its own label, as a negative for the other taught labels, so
that the reject class and the labels without examples keep their share of the probability.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, check_shape, softmax

PRIOR_WEIGHT = 0.01
"""Weight of the L2 penalty: half of it times the squared norm of the correction is added to the loss."""

NEGATIVE_WEIGHT = 0.2
"""Weight of the loss term that uses each example as a negative for the other taught labels."""

MAX_STEPS = 60
"""Number of accelerated gradient steps. Converging further did not label better and rejected worse."""

GRADIENT_TOLERANCE = 1e-3
"""The fit ends when no component of the gradient exceeds this magnitude."""


@dataclass(frozen=True)
class FewShotHead:
    """Weights that turn an image vector into logits added to those of the taught labels.

    Attributes:
        weights: float32 [T, D], one row for each taught label.
        columns: int64 [T], the index of each taught label in the vocabulary, ascending.
    """

    weights: Floats
    columns: NDArray[np.int64]

    def __post_init__(self) -> None:
        check_shape("weights", self.weights, (len(self.columns), None))

    @property
    def nbytes(self) -> int:
        """Size of both arrays in bytes."""
        return self.weights.nbytes + self.columns.nbytes

    def added_logits(self, vectors: Floats, label_count: int) -> Floats:
        """Return the logits [N, label_count] to add for vectors [N, D]; 0 for labels without examples."""
        added = np.zeros((len(vectors), label_count), np.float32)
        for row, vector in zip(added, vectors, strict=True):  # alone, as `LabelVectors.similarities` does
            row[self.columns] = self.weights @ vector
        return added


def fit_few_shot_head(
    logits: Floats,
    vectors: Floats,
    owner: NDArray[np.int64],
    prior: float = PRIOR_WEIGHT,
    negative_weight: float = NEGATIVE_WEIGHT,
) -> FewShotHead:
    """Fit a head by at most MAX_STEPS steps of accelerated gradient descent; the result is deterministic.

    Args:
        logits: float [M, L + 1], the text logits of each example for every label and, last, for the reject
            class. Shape [M, L] is accepted where there is no reject class and all labels are taught.
        vectors: float32 [M, D] of unit length, the vectors of the examples.
        owner: int64 [M], the index of the label that each example shows.
        prior: The weight of the L2 penalty, see PRIOR_WEIGHT.
        negative_weight: See NEGATIVE_WEIGHT.

    Raises:
        ValueError: The shapes do not match, or there is no example.
    """
    check_shape("logits", logits, (len(owner), None))
    check_shape("vectors", vectors, (len(owner), None))
    if not len(owner):
        raise ValueError("expected at least one example, got none")
    columns, own = np.unique(owner, return_inverse=True)
    loss = _FewShotLoss(
        logits=np.asarray(logits, np.float32),
        vectors=vectors,
        columns=columns,
        own=own,
        negative_weight=negative_weight,
    )
    step_matrix = _inverse_hessian_bound(vectors, prior, negative_weight)
    weights: Floats = np.zeros((len(columns), vectors.shape[1]), np.float32)
    ahead, momentum = weights, 1.0
    for _ in range(MAX_STEPS):
        gradient = loss.gradient(ahead) + prior * ahead
        if np.abs(gradient).max() < GRADIENT_TOLERANCE:
            break
        before, weights = weights, np.asarray(ahead - gradient @ step_matrix, np.float32)
        next_momentum = (1 + sqrt(1 + 4 * momentum**2)) / 2
        ahead = np.asarray(weights + (momentum - 1) / next_momentum * (weights - before), np.float32)
        momentum = next_momentum
    return FewShotHead(ahead, columns)


def _inverse_hessian_bound(vectors: Floats, prior: float, negative_weight: float) -> Floats:
    """Return the inverse [D, D] of an upper bound of the Hessian of every row of weights (Boehning 1992).

    A step by this matrix never overshoots, and Nesterov's momentum makes the steps long.
    """
    bound = 0.5 * (1 + negative_weight) * (vectors.T @ vectors) + prior * np.eye(
        vectors.shape[1], dtype=np.float32
    )
    inverse: Floats = np.linalg.inv(bound).astype(np.float32)
    return inverse


class _FewShotLoss:
    """Cross-entropy of the examples plus a penalty where other taught labels claim them."""

    def __init__(
        self,
        *,
        logits: Floats,
        vectors: Floats,
        columns: NDArray[np.int64],
        own: NDArray[np.int64],
        negative_weight: float,
    ) -> None:
        self._logits, self._vectors, self._columns = logits, vectors, columns
        self._rows, self._own, self._negative_weight = np.arange(len(own)), own, negative_weight
        self._has_other_classes = logits.shape[1] > 1

    def gradient(self, weights: Floats) -> Floats:
        """Return the gradient [T, D] at weights [T, D]."""
        logits = self._logits.copy()
        logits[:, self._columns] += self._vectors @ weights.T
        residuals = softmax(logits)[:, self._columns]
        residuals[self._rows, self._own] -= 1
        if self._negative_weight and self._has_other_classes:
            logits[self._rows, self._columns[self._own]] = -np.inf
            residuals += self._negative_weight * softmax(logits)[:, self._columns]
        gradient: Floats = residuals.T @ self._vectors
        return gradient
