"""Says for each region of a nesting what it would explain as one segment: its label, and the gain.

A thing's gain is the probability that the region is one whole object of its label, less the price of a
segment. Choosing the regions with the largest sum of gains so maximises the expected panoptic quality
(Kirillov et al. 2019): a right segment adds its IoU to the numerator, and every segment half of one to the
denominator, which at a quality of PQ costs PQ / 2. The probability is a logistic model of the region's label,
its quality and its relatives. docs/decisions/0023-panoptic.md says how the weights were found.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Mask
from services.masks.nesting import Nesting

LEAST_PROBABILITY = 1e-6
"""Least probability whose logarithm is taken."""


@dataclass(frozen=True)
class PanopticWeights:
    """Weights of the choice.

    Attributes:
        vote_iou: Least IoU of two regions that share their labels: they show one object.
        support: Factor by which a label's logarithm grows with the best part that has it: a whole is
            recognised by its parts.
        bias: Logit of an object of quality 0 whose label is certain.
        label: Weight of the logarithm of the label's probability.
        quality: Weight of the region's predicted IoU.
        whole: Weight of the best predicted IoU around it: what lies in a well outlined whole is its part.
        price: Price of a thing as a probability.
        stuff_price: Probability of stuff below which its area is better left unexplained.
    """

    vote_iou: float = 0.4
    support: float = 5.0
    bias: float = -4.2
    label: float = 1.0
    quality: float = 7.2
    whole: float = 1.3
    price: float = 0.14
    stuff_price: float = 0.2


WEIGHTS = PanopticWeights()
"""The weights that the service uses."""


@dataclass(frozen=True)
class Explanations:
    """The segments that N regions would be.

    Attributes:
        labels: int64 [N], number of the label; L for the reject class.
        gains: float64 [N], at most 0 where nothing is gained.
        probabilities: float32 [N, L + 1], of the labels and, last, the reject class, read again with the
            help of the relatives.
    """

    labels: NDArray[np.int64]
    gains: NDArray[np.float64]
    probabilities: Floats


def explain_regions(
    nesting: Nesting, quality: Floats, probabilities: Floats, stuff: Mask, weights: PanopticWeights
) -> Explanations:
    """Explain each region by its most probable label.

    Args:
        nesting: Overlaps of N regions.
        quality: float32 [N], predicted IoU of each with an object.
        probabilities: float32 [N, L + 1], of the labels and, last, the reject class.
        stuff: bool [L], true for labels that are stuff.
        weights: Weights of the choice.
    """
    read = _with_parts(nesting, quality, _with_duplicates(nesting, quality, probabilities, weights), weights)
    labels = read.argmax(axis=1)
    confidence = np.take_along_axis(read, labels[:, None], axis=1)[:, 0]
    whole = np.where(nesting.contained, quality[None], 0.0).max(axis=1, initial=0.0)
    evidence = weights.label * np.log(np.maximum(confidence, LEAST_PROBABILITY))
    logit = weights.bias + evidence + weights.quality * quality - weights.whole * whole
    gains = 1 / (1 + np.exp(-logit)) - weights.price
    is_stuff = np.append(stuff, False)[labels]
    shares = _stuff_shares(nesting, np.where(is_stuff, labels, -1))
    gains = np.where(is_stuff, (confidence - weights.stuff_price) * shares, gains)
    return Explanations(labels, np.where(labels == len(stuff), 0.0, gains), read)


def _with_duplicates(
    nesting: Nesting, quality: Floats, probabilities: Floats, weights: PanopticWeights
) -> Floats:
    """Return the mean probabilities of each region and those like it, weighed by IoU and quality."""
    ious = nesting.ious
    votes = np.where(ious >= weights.vote_iou, ious, 0.0) * quality[None]
    np.fill_diagonal(votes, 1.0)
    mean: Floats = ((votes @ probabilities) / votes.sum(axis=1, keepdims=True)).astype(np.float32)
    return mean


def _with_parts(nesting: Nesting, quality: Floats, probabilities: Floats, weights: PanopticWeights) -> Floats:
    """Return the probabilities of each region after its best part of each label has spoken for it."""
    spoken = quality[:, None] * probabilities
    support = [spoken[parts].max(axis=0, initial=0.0) for parts in nesting.contained.T]
    read = probabilities * np.exp(weights.support * np.reshape(support, probabilities.shape))
    read[:, -1:] = probabilities[:, -1:]
    again: Floats = (read / read.sum(axis=1, keepdims=True)).astype(np.float32)
    return again


def _stuff_shares(nesting: Nesting, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of each region in the area of its stuff in the image, float64 [N].

    Pieces of one stuff become one segment, so they share its gain and none pays a price of its own.

    Args:
        nesting: Overlaps of N regions.
        labels: int64 [N], number of the stuff; -1 where the region is none.
    """
    same = labels[:, None] == labels[None]
    outermost = ~(nesting.contained & same).any(axis=1)
    totals = (same * np.where(outermost, nesting.areas, 0)[None]).sum(axis=1)
    shares: NDArray[np.float64] = nesting.areas / np.maximum(totals, 1)
    return shares
