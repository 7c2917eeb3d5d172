"""Chooses, among nested regions, those that one phrase is about, and keeps instances apart.

docs/decisions/0025-concepts.md says how the rule and its numbers were found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from domain.arrays import Floats
from domain.masks import Region
from services.labels.views import low_res_mask
from services.masks.nesting import Nesting

COARSE_SIDE = 128
"""Largest side in pixels at which shares are measured."""

LEAST_WEIGHT = 1e-9
"""Least weight of all regions at a pixel together; there are none at a pixel of less."""

LEAST_DOUBT = 1e-3
"""Least distance of a quality from 1 in its logit."""


@dataclass(frozen=True)
class ConceptWeights:
    """Numbers of the choice.

    Attributes:
        scene: Weight of the log odds of a phrase for the whole image, added to those of the best region.
        presence: Least sum of both at which anything is answered.
        lowest: Log odds below which regions are equally unlikely.
        quality: Weight of the logit of a region's predicted IoU.
        shared: Share of the score that comes from all regions that overlap a region.
        certain: Score from which on a region is answered, whatever the others are.
        gap: Difference to the best score up to which a region is answered where none is certain.
        instances: Fraction of a region that its parts must cover to be answered in its place.
        slope: Factor from a score to the logit of the confidence.
    """

    scene: float = 0.1
    presence: float = -3.0
    lowest: float = -8.0
    quality: float = 0.6
    shared: float = 0.6
    certain: float = 1.0
    gap: float = 1.5
    instances: float = 0.7
    slope: float = 0.7


WEIGHTS = ConceptWeights()
"""The numbers that the service uses."""


@dataclass(frozen=True)
class Relations:
    """Facts about N regions of an image that do not depend on a phrase.

    Attributes:
        nesting: Their overlaps.
        quality: float32 [N], predicted IoU of each with an object.
        shares: float32 [N, N], whose element [i, j] is the share of region j in what is known about the
            pixels of region i. A pixel is known by all regions that contain it, in proportion to their
            quality and against their area, so that small and well outlined ones count most.
    """

    nesting: Nesting
    quality: Floats
    shares: Floats

    @classmethod
    def of(cls, regions: Sequence[Region]) -> Self:
        """Measure the regions of one image, of which there is at least one."""
        quality = np.array([region.quality for region in regions], np.float32)
        masks = np.stack([_coarse_mask(region).reshape(-1) for region in regions])
        areas = masks.sum(axis=1)
        weights = masks * (quality / areas)[:, None]
        weights /= np.maximum(weights.sum(axis=0), LEAST_WEIGHT)
        return cls(Nesting.of(regions), quality, masks @ weights.T / areas[:, None])


def _coarse_mask(region: Region) -> Floats:
    """Return the share of each pixel that the region covers, float32 [h, w], at most COARSE_SIDE a side."""
    mask = low_res_mask(region).astype(np.float32)
    scale = min(1.0, COARSE_SIDE / max(mask.shape))
    height, width = (max(1, round(scale * side)) for side in mask.shape)
    return np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def choose_matches(
    relations: Relations, log_odds: Floats, scene: float, weights: ConceptWeights = WEIGHTS
) -> list[tuple[int, float]]:
    """Return index and confidence of the regions that a phrase is about, best first.

    No region that is returned lies in another one.

    Args:
        relations: Facts about N regions.
        log_odds: float32 [N], logarithm of the odds of the phrase against everything else, of each region.
        scene: The same of the whole image.
        weights: Numbers of the choice.
    """
    if log_odds.max() + weights.scene * scene < weights.presence:
        return []
    scores = region_scores(relations, log_odds, weights)
    chosen = np.flatnonzero(scores >= min(weights.certain, scores.max() - weights.gap))
    kept = chosen[_instances(relations.nesting.take(chosen.tolist()), scores[chosen], weights)]
    confidence = 1 / (1 + np.exp(-weights.slope * scores))
    ranked = sorted(kept.tolist(), key=lambda index: (-scores[index], index))
    return [(index, float(confidence[index])) for index in ranked]


def region_scores(relations: Relations, log_odds: Floats, weights: ConceptWeights) -> Floats:
    """Return the score float32 [N] of each region, in logits: its own evidence, and that of its pixels.

    So parts that show the phrase speak for the whole, and what else is in a region speaks against it.
    """
    logit = np.log(relations.quality / (1 + LEAST_DOUBT - relations.quality))
    own = np.maximum(log_odds, weights.lowest) + weights.quality * logit
    scores = (1 - weights.shared) * own + weights.shared * (relations.shares @ own)
    return np.asarray(scores, np.float32)


def _instances(nesting: Nesting, scores: Floats, weights: ConceptWeights) -> list[int]:
    """Return the outermost regions; parts that cover one and are better on average stand in its place."""
    parents = nesting.parents
    parts: dict[int | None, list[int]] = {index: [] for index in (None, *range(len(scores)))}
    for node in np.argsort(-nesting.areas, kind="stable")[::-1].tolist():  # Parts come before wholes.
        inside = parts[node]
        areas = nesting.areas[inside]
        covered = len(inside) > 1 and areas.sum() >= weights.instances * nesting.areas[node]
        better = covered and areas @ scores[inside] > areas.sum() * scores[node]
        parts[parents[node]] += inside if better else [node]
    return sorted(parts[None])
