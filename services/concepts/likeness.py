"""Tells how alike regions are to examples, as the probability that both show things of one kind.

The probability is logistic in three measures of a region: the cosine of its image vector with that of the
example, the Bhattacharyya coefficient of the label probabilities of both, and its quality above the mean of
the image. The weights were fitted to COCO photographs that no model was trained on (docs/quality.md).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, check_shape

COSINE_WEIGHT = 9.0

LABEL_WEIGHT = 3.0

QUALITY_WEIGHT = 6.0

BIAS = -10.0


@dataclass(frozen=True)
class Appearance:
    """Appearance of N regions to the labeller.

    Attributes:
        vectors: float32 [N, D], unit vectors in which regions are compared.
        probabilities: float32 [N, L + 1] over the labels of a vocabulary and the reject class.
    """

    vectors: Floats
    probabilities: Floats

    def __post_init__(self) -> None:
        check_shape("vectors", self.vectors, (None, None))
        check_shape("probabilities", self.probabilities, (len(self.vectors), None))

    def take(self, index: NDArray[np.bool_]) -> "Appearance":
        """Return the appearance of some of the regions."""
        return Appearance(self.vectors[index], self.probabilities[index])


def match_probabilities(
    regions: Appearance, quality: Floats, examples: Appearance, positive: NDArray[np.bool_]
) -> Floats:
    """Return the probability float32 [N] that each region shows what the positive examples show.

    The positive example that is most like a region counts. Negative examples multiply the probability with
    that of a choice between the positive and the negative example that are most like the region.

    Args:
        regions: The N regions of an image, at least one.
        quality: float32 [N], their predicted IoU.
        examples: The E examples.
        positive: bool [E], at least one of them true; the others are negative.
    """
    likeness = COSINE_WEIGHT * regions.vectors @ examples.vectors.T
    likeness += LABEL_WEIGHT * np.sqrt(regions.probabilities) @ np.sqrt(examples.probabilities).T
    nearest = likeness[:, positive].max(axis=1)
    found = _sigmoid(nearest + QUALITY_WEIGHT * (quality - quality.mean()) + BIAS)
    if not positive.all():
        found = found * _sigmoid(nearest - likeness[:, ~positive].max(axis=1))
    return found


def _sigmoid(logits: Floats) -> Floats:
    probabilities: Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return probabilities
