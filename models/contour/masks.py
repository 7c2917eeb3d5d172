"""Splits a leaf between points that mark it both as object and as not the object."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Mask
from domain.masks import Candidates, Embedding, Prompt
from models.contour.boxes import box_candidates
from models.contour.candidates import LeafCandidate
from models.contour.frame import FramedPrompt, FramePoints, Window, to_working_frame
from models.contour.hierarchy import ScoredTree
from models.contour.points import leaves_under, point_candidates
from models.contour.ranker import Ranker
from models.contour.tree import RegionTree


def remove_negative_pixels(
    mask: Mask, region: NDArray[np.int32], positive: FramePoints, negative: FramePoints
) -> Mask:
    """The mask without the pixels around negative points that no cut of leaves could remove.

    Of a leaf still in the mask under a negative point, the pixels nearer to that point than to every positive
    one go. What would leave nothing stays.

    Args:
        mask: bool [h, w].
        region: int32 [h, w], the leaf under each pixel.
        positive: Points on the object, maybe none.
        negative: Points off it.
    """
    for point in negative[mask[negative[:, 1], negative[:, 0]]]:
        leaf = region == region[point[1], point[0]]
        nearer = _squared_distance(mask.shape, point[None]) < _squared_distance(mask.shape, positive)
        rest = mask & ~(leaf & nearer)
        mask = rest if rest.any() else mask
    return mask


def _squared_distance(shape: tuple[int, ...], points: FramePoints) -> NDArray[Any]:
    """Squared distance of each pixel to the nearest point; infinite without points."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    nearest = np.full(shape, np.inf)
    for column, row in points:
        np.minimum(nearest, (rows - row) ** 2 + (columns - column) ** 2, out=nearest)
    return nearest


BOX_MARGIN_RATIO = 0.02
"""How far a mask may reach out of its box, as a share of the side."""


def decode_prompts(
    embedding: Embedding, ranker: Ranker, prompts: Sequence[Prompt], quality_threshold: float = 0.0
) -> Candidates:
    """Candidates of every prompt, best quality first within a prompt; logits int8, 1 or -1.

    Those below `quality_threshold` are not drawn.
    """
    scored = ScoredTree.of(embedding.arrays)
    placed = [to_working_frame(prompt, embedding) for prompt in prompts]
    answers = [
        _above_threshold(answer, quality_threshold) for answer in _prompt_candidates(scored, ranker, placed)
    ]
    choices = [choice for answer in answers for choice in answer]
    owner = np.repeat(np.arange(len(prompts)), [len(answer) for answer in answers])
    logits = _draw_masks(scored.tree, choices)
    _split_leaves(logits, scored.tree, [placed[index] for index in owner])
    _clip_to_boxes(logits, [placed[index] for index in owner])
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
    """Candidates of every prompt; points are judged together, since that is quicker."""
    pointed = iter(point_candidates(scored, ranker, [prompt for prompt in prompts if prompt.window is None]))
    return [
        next(pointed) if prompt.window is None else _box_prompt_candidates(scored, ranker, prompt)
        for prompt in prompts
    ]


def _box_prompt_candidates(scored: ScoredTree, ranker: Ranker, prompt: FramedPrompt) -> list[LeafCandidate]:
    if prompt.window is None:
        raise ValueError("expected a box, got points alone")
    positive, negative = (leaves_under(scored.tree, each) for each in (prompt.positive, prompt.negative))
    return box_candidates(scored, ranker, prompt.window, positive, negative)


def _draw_masks(tree: RegionTree, choices: Sequence[LeafCandidate]) -> NDArray[np.int8]:
    """Masks int8 [N, h, w]; prompts close together share most of theirs, so each is drawn once."""
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
    """Clear what negative points mark inside single leaves, in place."""
    for mask, prompt in zip(logits, prompts, strict=True):
        if len(prompt.negative):
            kept = remove_negative_pixels(mask > 0, tree.region, prompt.positive, prompt.negative)
            mask[~kept] = -1


def _clip_to_boxes(logits: NDArray[np.int8], prompts: Sequence[FramedPrompt]) -> None:
    """Clear what reaches far out of a box, in place: a box may be smaller than the leaves under it."""
    for mask, prompt in zip(logits, prompts, strict=True):
        if prompt.window is None or len(prompt.positive):
            continue
        kept = mask[_expand_window(prompt.window)].copy()
        mask[:] = -1
        mask[_expand_window(prompt.window)] = kept


def _expand_window(window: Window) -> Window:
    """The box and REACH of its side more all around."""
    rows, columns = (
        slice(max(0, side.start - margin), side.stop + margin)
        for side in window
        for margin in [round(BOX_MARGIN_RATIO * (side.stop - side.start))]
    )
    return rows, columns
