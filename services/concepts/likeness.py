"""Tells how alike regions are to examples, as the probability that both show things of one kind.

The probability is logistic in three measures of a region: the cosine of its image vector with that of the
example, the Bhattacharyya coefficient of the label probabilities of both, and its quality above the mean of
the image. The weights were fitted to 144 COCO photographs (docs/quality.md).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, check_shape


@dataclass(frozen=True)
class LikenessWeights:
    """Weights of the logistic model.

    Attributes:
        cosine: Weight of the cosine.
        labels: Weight of the Bhattacharyya coefficient.
        quality: Weight of the quality above the mean of the image.
        bias: Constant.
    """

    cosine: float
    labels: float
    quality: float
    bias: float


SAME_IMAGE = LikenessWeights(cosine=9.2, labels=9.4, quality=9.4, bias=-17.7)

OTHER_IMAGE = LikenessWeights(cosine=5.0, labels=7.1, quality=8.4, bias=-11.4)
"""Weights for examples of another image, whose vectors differ more because the scene is part of them."""

CHOICE_WEIGHT = 2.0
"""Weight of the difference of likeness in the choice between a positive and a negative example."""


@dataclass(frozen=True)
class Appearance:
    """Appearance of N regions to the labeller.

    Attributes:
        vectors: float32 [N, D], unit vectors in which regions are compared.
        labels: float32 [N, L], the probabilities of the labels of a vocabulary, without the reject class: two
            regions are not alike because neither has a label.
    """

    vectors: Floats
    labels: Floats

    def __post_init__(self) -> None:
        check_shape("vectors", self.vectors, (None, None))
        check_shape("labels", self.labels, (len(self.vectors), None))


def match_probabilities(
    regions: Appearance,
    quality: Floats,
    examples: Appearance,
    positive: NDArray[np.bool_],
    weights: LikenessWeights,
) -> Floats:
    """Return the probability float32 [N] that each region shows what the positive examples show.

    The positive example that is most like a region counts. Negative examples multiply the probability with
    that of a choice between the positive and the negative example that are most like the region.

    Args:
        regions: The N regions of an image, at least one.
        quality: float32 [N], their predicted IoU.
        examples: The E examples.
        positive: bool [E], at least one of them true; the others are negative.
        weights: Weights of the logistic model.
    """
    likeness = weights.cosine * regions.vectors @ examples.vectors.T
    likeness += weights.labels * np.sqrt(regions.labels) @ np.sqrt(examples.labels).T
    nearest = likeness[:, positive].max(axis=1)
    found = _sigmoid(nearest + weights.quality * (quality - quality.mean()) + weights.bias)
    if not positive.all():
        found = found * _sigmoid(CHOICE_WEIGHT * (nearest - likeness[:, ~positive].max(axis=1)))
    return found


def _sigmoid(logits: Floats) -> Floats:
    probabilities: Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return probabilities
