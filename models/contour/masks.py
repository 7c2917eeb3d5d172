"""Masks of prompts: candidates of the tree drawn as logits."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Mask
from domain.masks import Candidates, Embedding, Prompt
from models.contour.boxes import box_candidates
from models.contour.candidates import LeafCandidate
from models.contour.frame import FramedPrompt, FramePoints, expand_window, to_working_frame
from models.contour.guesses import guess_candidates, signed_distance
from models.contour.hierarchy import ScoredTree
from models.contour.points import leaves_under, point_candidates
from models.contour.ranker import Ranker
from models.contour.tree import RegionTree


def remove_negative_pixels(
    mask: Mask, region: NDArray[np.int32], positive: FramePoints, negative: FramePoints
) -> Mask:
    """Return the mask without the pixels around negative points that no cut of leaves could remove.

    From a leaf that is still in the mask under a negative point, the pixels nearer to that point than to
    every positive one are removed, unless nothing would be left.

    Args:
        mask: bool [h, w].
        region: int32 [h, w], the leaf under each pixel.
        positive: Points on the object, possibly none.
        negative: Points off it.
    """
    for point in negative[mask[negative[:, 1], negative[:, 0]]]:
        leaf = region == region[point[1], point[0]]
        nearer = _squared_distance(mask.shape, point[None]) < _squared_distance(mask.shape, positive)
        rest = mask & ~(leaf & nearer)
        mask = rest if rest.any() else mask
    return mask


def _squared_distance(shape: tuple[int, ...], points: FramePoints) -> NDArray[Any]:
    """Return the squared distance of each pixel to the nearest point; infinite without points."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    nearest = np.full(shape, np.inf)
    for column, row in points:
        np.minimum(nearest, (rows - row) ** 2 + (columns - column) ** 2, out=nearest)
    return nearest


BOX_MARGIN_RATIO = 0.02
"""Distance that a mask may extend beyond its box, as a share of the side."""


GUESS_MARGIN_RATIO = 0.2
"""Distance that a mask may extend beyond the first guess, as a share of the square root of its area."""


def decode_prompts(
    embedding: Embedding, ranker: Ranker, prompts: Sequence[Prompt], quality_threshold: float = 0.0
) -> Candidates:
    """Return the candidates of every prompt, best quality first within a prompt; logits int8, 1 or -1.

    Candidates below `quality_threshold` are left out.
    """
    scored = ScoredTree.from_arrays(embedding.arrays)
    placed = [to_working_frame(prompt, embedding) for prompt in prompts]
    answers = [
        _above_threshold(answer, quality_threshold) for answer in _prompt_candidates(scored, ranker, placed)
    ]
    choices = [choice for answer in answers for choice in answer]
    owner = np.repeat(np.arange(len(prompts)), [len(answer) for answer in answers])
    logits = _draw_masks(scored.tree, choices)
    _split_leaves(logits, scored.tree, [placed[index] for index in owner])
    _clip_to_boxes(logits, [placed[index] for index in owner])
    _clip_to_guesses(logits, [placed[index] for index in owner])
    return Candidates(
        logits,
        owner,
        np.array([choice.quality for choice in choices], np.float32),
        np.array([choice.stability for choice in choices], np.float32),
    )


def _above_threshold(choices: Sequence[LeafCandidate], quality_threshold: float) -> list[LeafCandidate]:
    return [choice for choice in choices if choice.quality >= quality_threshold]


def _prompt_candidates(
    scored: ScoredTree, ranker: Ranker, prompts: Sequence[FramedPrompt]
) -> list[list[LeafCandidate]]:
    """Return the candidates of every prompt; points are scored together, which is faster."""
    clicks = [prompt for prompt in prompts if prompt.window is None and prompt.guess is None]
    pointed = iter(point_candidates(scored, ranker, clicks))
    return [_area_candidates(scored, ranker, prompt) or next(pointed) for prompt in prompts]


def _area_candidates(scored: ScoredTree, ranker: Ranker, prompt: FramedPrompt) -> list[LeafCandidate]:
    """Return the candidates of a prompt with a mask or a box; none for points alone."""
    leaves = [leaves_under(scored.tree, each) for each in (prompt.positive, prompt.negative)]
    if prompt.guess is not None:
        return guess_candidates(scored, ranker, prompt.guess, prompt.window, *leaves)
    return [] if prompt.window is None else box_candidates(scored, ranker, prompt.window, *leaves)


def _draw_masks(tree: RegionTree, choices: Sequence[LeafCandidate]) -> NDArray[np.int8]:
    """Draw masks int8 [N, h, w]; prompts close together share candidates, and equal ones are drawn once."""
    first: dict[bytes, int] = {}
    logits = np.empty((len(choices), *tree.region.shape), np.int8)
    region = tree.region.astype(np.intp)
    for index, choice in enumerate(choices):
        source = first.setdefault(choice.leaves.tobytes(), index)
        if source == index:
            np.take(np.where(choice.leaves, 1, -1).astype(np.int8), region, out=logits[index], mode="clip")
        else:
            logits[index] = logits[source]
    return logits


def _split_leaves(logits: NDArray[np.int8], tree: RegionTree, prompts: Sequence[FramedPrompt]) -> None:
    """Clear the pixels that negative points mark inside single leaves, in place."""
    for mask, prompt in zip(logits, prompts, strict=True):
        if len(prompt.negative):
            kept = remove_negative_pixels(mask > 0, tree.region, prompt.positive, prompt.negative)
            mask[~kept] = -1


def _clip_to_boxes(logits: NDArray[np.int8], prompts: Sequence[FramedPrompt]) -> None:
    """Clear the pixels far outside of a box, in place: a box may be smaller than the leaves under it."""
    for mask, prompt in zip(logits, prompts, strict=True):
        if prompt.window is None or len(prompt.positive):
            continue
        reach = expand_window(prompt.window, BOX_MARGIN_RATIO)
        kept = mask[reach].copy()
        mask[:] = -1
        mask[reach] = kept


def _clip_to_guesses(logits: NDArray[np.int8], prompts: Sequence[FramedPrompt]) -> None:
    """Clear the pixels far from a mask, in place: a mask may be smaller than the leaves under it."""
    for mask, prompt in zip(logits, prompts, strict=True):
        if prompt.guess is not None and not len(prompt.positive):
            reach = max(1.0, GUESS_MARGIN_RATIO * float(np.sqrt(prompt.guess.sum())))
            near = signed_distance(prompt.guess) >= -reach
            if (mask[near] > 0).any():
                mask[~near] = -1
