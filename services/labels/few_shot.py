"""Few-shot head: text scores corrected by what examples look like. Plain arrays in, plain arrays out.

A logistic regression over the encoder's vectors whose starting point, and whose prior mean, is the text
classifier (as in CLAP, Silva-Rodriguez et al. 2024, arXiv 2312.12730): with no examples nothing changes. A
second term shows every example to the other taught names as a stranger, without its own name, so that
the reject class and the names without examples keep what is theirs.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, check_shape

PRIOR_WEIGHT = 0.01
"""Half of this times the squared length of a correction is the price of it."""

NEGATIVE_WEIGHT = 0.2
"""Weight of the examples as strangers to the other taught names."""

MAX_STEPS = 60
"""Of accelerated descent. Going on to the minimum did not name better and rejected worse."""

GRADIENT_TOLERANCE = 1e-3
"""The fit ends when no number of the gradient is larger."""


@dataclass(frozen=True)
class FewShotHead:
    """What examples add to the logits of names.

    Attributes:
        weights: float32 [T, D], a row for each taught name.
        columns: int64 [T], which name of the vocabulary it is; ascending.
    """

    weights: Floats
    columns: NDArray[np.int64]

    def __post_init__(self) -> None:
        check_shape("weights", self.weights, (len(self.columns), None))

    @property
    def nbytes(self) -> int:
        """Bytes of both arrays."""
        return self.weights.nbytes + self.columns.nbytes

    def added_logits(self, vectors: Floats, names: int) -> Floats:
        """What is added to the logits [N, names] of image vectors [N, D]; 0 for names without examples."""
        added = np.zeros((len(vectors), names), np.float32)
        added[:, self.columns] = vectors @ self.weights.T
        return added


def fit_few_shot_head(
    logits: Floats,
    vectors: Floats,
    owner: NDArray[np.int64],
    prior: float = PRIOR_WEIGHT,
    negative_weight: float = NEGATIVE_WEIGHT,
) -> FewShotHead:
    """The head after STEPS of descent on the penalised loss: the same for the same examples.

    Args:
        logits: float [M, L + 1], what the texts alone say of each example: of every name, and last of
            the reject class. Shape [M, L] does where there is no reject class and all names are taught.
        vectors: float32 [M, D], unit length, of the examples.
        owner: int64 [M], the name each example shows, an index into the L names.
        prior: See PRIOR.
        negative_weight: See STRANGERS.

    Raises:
        ValueError: The shapes do not belong together, or there is no example.
    """
    check_shape("logits", logits, (len(owner), None))
    check_shape("vectors", vectors, (len(owner), None))
    if not len(owner):
        raise ValueError("expected at least one example, got none")
    columns, own = np.unique(owner, return_inverse=True)
    loss = _Loss(np.asarray(logits, np.float32), vectors, columns, own, negative_weight)
    # The Hessian of every row of weights is at most this (Boehning 1992): a step by its inverse never
    # overshoots, and Nesterov's momentum makes the steps long.
    bound = 0.5 * (1 + negative_weight) * (vectors.T @ vectors) + prior * np.eye(
        vectors.shape[1], dtype=np.float32
    )
    inverse: Floats = np.linalg.inv(bound).astype(np.float32)
    weights: Floats = np.zeros((len(columns), vectors.shape[1]), np.float32)
    ahead, pace = weights, 1.0
    for _ in range(MAX_STEPS):
        gradient = loss.gradient(ahead) + prior * ahead
        if np.abs(gradient).max() < GRADIENT_TOLERANCE:
            break
        before, weights = weights, np.asarray(ahead - gradient @ inverse, np.float32)
        faster = (1 + sqrt(1 + 4 * pace**2)) / 2
        ahead = np.asarray(weights + (pace - 1) / faster * (weights - before), np.float32)
        pace = faster
    return FewShotHead(ahead, columns)


class _Loss:
    """Cross-entropy of the examples, and what it costs that other taught names claim them."""

    def __init__(
        self,
        logits: Floats,
        vectors: Floats,
        columns: NDArray[np.int64],
        own: NDArray[np.int64],
        negative_weight: float,
    ) -> None:
        self._logits, self._vectors, self._columns = logits, vectors, columns
        self._rows, self._own, self._negative_weight = np.arange(len(own)), own, negative_weight
        self._rivals = logits.shape[1] > 1

    def gradient(self, weights: Floats) -> Floats:
        """[T, D] at weights [T, D]."""
        logits = self._logits.copy()
        logits[:, self._columns] += self._vectors @ weights.T
        pull = _softmax(logits)[:, self._columns]
        pull[self._rows, self._own] -= 1
        if self._negative_weight and self._rivals:
            logits[self._rows, self._columns[self._own]] = -np.inf
            pull += self._negative_weight * _softmax(logits)[:, self._columns]
        gradient: Floats = pull.T @ self._vectors
        return gradient


def _softmax(logits: Floats) -> Floats:
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Floats = exponents / exponents.sum(axis=1, keepdims=True)
    return probabilities
