"""Candidates of mask prompts: leaves near a first guess, scored by features of leaf and guess."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Mask
from models.contour.boxes import box_leaf_shares
from models.contour.candidates import LeafCandidate, nms_leaf_sets, share_candidates
from models.contour.features import feature_column
from models.contour.frame import Window
from models.contour.hierarchy import ScoredTree, leaf_affinity
from models.contour.points import largest_node, remove_negative_nodes
from models.contour.ranker import Ranker
from models.contour.tree import RegionTree

Coverage = Floats
"""Share of each pixel of the working frame that the guess covers: float32 [h, w], 0..1, not all 0."""

LeafValues = NDArray[np.float64]
"""One value of each leaf: float64 [leaves]."""

FULL_BOX_SHARE = 0.98
"""Share of its box from which a guess says no more than the box."""

MAX_ADDED_SHARE = 0.5
"""Size of the largest part that a positive point adds, as a share of the guess."""


def guess_candidates(
    scored: ScoredTree,
    ranker: Ranker,
    guess: Coverage,
    window: Window | None,
    positive: Sequence[int],
    negative: Sequence[int],
) -> list[LeafCandidate]:
    """Return the candidates, best first, at least one.

    Args:
        scored: The scored hierarchy.
        ranker: Scores leaves.
        guess: The first guess.
        window: A box that the object is in; None without one.
        positive: Leaves under points on the object.
        negative: Leaves under points off it.
    """
    tree = scored.tree
    share = _leaf_shares(scored, ranker, _add_parts(tree, guess, positive, negative), window)
    share[list(positive)] = 1.0
    share[[leaf for leaf in negative if leaf not in positive]] = 0.0
    choices = share_candidates(scored, share)
    return nms_leaf_sets(
        tree, [remove_negative_nodes(tree, choice, positive, negative) for choice in choices]
    )


def _add_parts(
    tree: RegionTree, guess: Coverage, positive: Sequence[int], negative: Sequence[int]
) -> Coverage:
    """Return the guess with the largest part around each positive leaf outside of it that suits its size."""
    share = mean_over_leaves(tree, guess)
    for leaf in positive:
        if share[leaf] < 0.5 and leaf not in negative:
            part = largest_node(tree, leaf, negative, MAX_ADDED_SHARE * float(guess.sum()))
            guess = np.where(part[tree.region], np.float32(1.0), guess)
    return guess


def _leaf_shares(scored: ScoredTree, ranker: Ranker, guess: Coverage, window: Window | None) -> LeafValues:
    """Return the predicted share of each leaf that is on the object; with a box, the mean of both answers."""
    if window is None:
        return guess_leaf_shares(scored, ranker, guess)
    boxed = box_leaf_shares(scored, ranker, window)
    inside = np.zeros_like(guess)
    inside[window] = guess[window]
    return (guess_leaf_shares(scored, ranker, inside) + boxed) / 2 if inside.any() else boxed


def guess_leaf_shares(scored: ScoredTree, ranker: Ranker, guess: Coverage) -> LeafValues:
    """Return the predicted share of each leaf that is on the object, by a logistic regression, 0..1."""
    solid = solid_guess(guess)
    x, y, w, h = cv2.boundingRect(solid.view(np.uint8))
    window = slice(y, y + h), slice(x, x + w)
    boxed = box_leaf_shares(scored, ranker, window)
    if guess[window].mean() >= FULL_BOX_SHARE:
        return boxed
    found = guess_leaf_features(scored, guess, boxed)
    share = np.zeros(scored.tree.leaves)
    share[found.leaves] = 1 / (1 + np.exp(-(found.rows @ np.array(WEIGHTS) + BIAS)))
    return share


def solid_guess(guess: Coverage) -> Mask:
    """Return the pixels that are mostly on the guess, bool [h, w], at least one."""
    return np.asarray(guess >= min(0.5, float(guess.max())))


@dataclass(frozen=True)
class GuessLeaves:
    """Leaves near a guess.

    Attributes:
        leaves: int64 [K], indices of the leaves.
        rows: float64 [K, F], their features, named by FEATURE_NAMES.
    """

    leaves: NDArray[np.int64]
    rows: NDArray[np.float64]


FEATURE_NAMES = (
    "share", "distance", "blur", "wide_blur", "widest_blur", "best_node", "affinity", "colour", "ring_colour",
    "box",
)  # fmt: skip
"""Names of the columns, in order."""

WEIGHTS = (-1.032, 3.421, 4.975, 0.188, -3.191, 0.594, 2.476, 0.605, -0.357, 0.237)
"""Weights of the features, from `tools.training.contour.guesses`."""

BIAS = -3.216

BLUR_WIDTHS = (0.15, 0.3, 0.6)
"""Widths of the blurs, and below of the ring, as shares of the square root of the guess's area."""

RING_WIDTH = 0.3

MIN_BLURRED_SHARE = 0.02
"""Blurred share of the guess from which a leaf that it does not touch counts as near."""

COLOUR_SPREAD_LAB = 18.0
"""Distance in Lab, as OpenCV scales it, over which colours stop being similar."""

BOX_SHARE_LIMIT = 0.02
"""Distance of the box's prediction from 0 and 1 at least, for its logit."""


def guess_leaf_features(scored: ScoredTree, guess: Coverage, boxed: LeafValues) -> GuessLeaves:
    """Return the leaves near a guess with their features.

    Args:
        scored: The scored hierarchy.
        guess: The first guess.
        boxed: Predictions for the box around the guess, `box_leaf_shares`.
    """
    tree, size = scored.tree, np.sqrt(guess.sum())
    distance = signed_distance(guess) / size
    share = mean_over_leaves(tree, guess)
    blurs = [mean_over_leaves(tree, _blur(guess, width * size)) for width in BLUR_WIDTHS]
    leaves = np.flatnonzero((share > 0) | (blurs[1] > MIN_BLURRED_SHARE))
    core = _normalised(tree, guess * (np.clip(distance, 0, None) + 1e-6))
    ring = _normalised(tree, (distance < 0) & (distance > -RING_WIDTH))
    affinity = core @ leaf_affinity(scored.descriptors, leaves)
    alike = _colour_similarity(scored, leaves)
    likely = np.clip(boxed[leaves], BOX_SHARE_LIMIT, 1 - BOX_SHARE_LIMIT)
    columns = [
        share[leaves],
        mean_over_leaves(tree, np.clip(distance, -1, 1))[leaves],
        *(blur[leaves] for blur in blurs),
        _in_best_node(tree, share)[leaves],
        affinity,
        core @ alike,
        ring @ alike,
        np.log(likely / (1 - likely)),
    ]
    return GuessLeaves(leaves, np.column_stack(columns))


def mean_over_leaves(tree: RegionTree, values: NDArray[np.floating] | Mask) -> LeafValues:
    """Return the mean of pixel values [h, w] over each leaf."""
    return np.asarray(_leaf_sums(tree, values) / tree.area[: tree.leaves])


def _leaf_sums(tree: RegionTree, values: NDArray[np.floating] | Mask) -> LeafValues:
    return np.asarray(np.bincount(tree.region.ravel(), values.ravel(), tree.leaves), np.float64)


def _normalised(tree: RegionTree, weights: NDArray[np.floating] | Mask) -> LeafValues:
    """Return the sums of pixel weights over the leaves, divided by the sum of all."""
    sums = _leaf_sums(tree, weights)
    return np.asarray(sums / max(sums.sum(), 1e-9))


def signed_distance(guess: Coverage) -> Floats:
    """Return the distance of each pixel to the border of the guess, float32 [h, w], positive inside.

    The frame is no border of the guess.
    """
    inside = solid_guess(guess).astype(np.uint8)
    padded = np.pad(inside, 1, mode="edge")
    within = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]
    return np.asarray(within - cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3))


def _blur(guess: Coverage, width: float) -> Floats:
    """Return the guess blurred by two box filters of about half the width each."""
    side = 2 * int(max(1.0, width / 2)) + 1
    once = cv2.blur(guess, (side, side), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.blur(once, (side, side), borderType=cv2.BORDER_REPLICATE))


def _in_best_node(tree: RegionTree, share: LeafValues) -> LeafValues:
    """Return 1 for the leaves of the node that fits the guess best, else 0."""
    inside = share * tree.area[: tree.leaves]
    shared = tree.sums(inside)
    best = int(np.argmax(shared / (tree.area + inside.sum() - shared)))
    leaf = np.arange(tree.leaves)
    return np.asarray((leaf >= tree.lo[best]) & (leaf < tree.hi[best]), np.float64)


def _colour_similarity(scored: ScoredTree, leaves: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the similarity, 0..1, of the colour of every leaf with each of `leaves`, [leaves, K]."""
    names = ("light", "a", "b")
    colours = np.column_stack([feature_column(scored.features, name)[: scored.tree.leaves] for name in names])
    apart = ((colours[:, None] - colours[leaves][None]) ** 2).sum(axis=2)
    return np.asarray(np.exp(-apart / (2 * COLOUR_SPREAD_LAB**2)), np.float64)
