"""Turns prompts in pixels of the upright image into candidate masks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from domain.masks import Candidates, Embedding, Prompt
from models.contour.boxes import box_choices
from models.contour.candidates import Choice
from models.contour.frame import Placed, Window, place
from models.contour.points import leaves_under, point_choices
from models.contour.ranker import Judge
from models.contour.scored import ScoredTree
from models.contour.split import without_negatives
from models.contour.tree import Tree

REACH = 0.02
"""How far a mask may reach out of its box, as a share of the side."""


def decode_prompts(
    embedding: Embedding, judge: Judge, prompts: Sequence[Prompt], quality_threshold: float = 0.0
) -> Candidates:
    """Candidates of every prompt, best quality first within a prompt; logits int8, 1 or -1.

    Those below `quality_threshold` are not drawn.
    """
    scored = ScoredTree.of(embedding.arrays)
    placed = [place(prompt, embedding) for prompt in prompts]
    answers = [_good(answer, quality_threshold) for answer in _answers(scored, judge, placed)]
    choices = [choice for answer in answers for choice in answer]
    owner = np.repeat(np.arange(len(prompts)), [len(answer) for answer in answers])
    logits = _drawn(scored.tree, choices)
    _split(logits, scored.tree, [placed[index] for index in owner])
    _confine(logits, [placed[index] for index in owner])
    return Candidates(
        logits,
        owner,
        np.array([choice.quality for choice in choices], np.float32),
        np.array([choice.stability for choice in choices], np.float32),
    )


def _good(choices: Sequence[Choice], quality_threshold: float) -> list[Choice]:
    return [choice for choice in choices if choice.quality >= quality_threshold]


def _answers(scored: ScoredTree, judge: Judge, prompts: Sequence[Placed]) -> list[list[Choice]]:
    """Candidates of every prompt; points are judged together, since that is quicker."""
    pointed = iter(point_choices(scored, judge, [prompt for prompt in prompts if prompt.window is None]))
    return [next(pointed) if prompt.window is None else _boxed(scored, judge, prompt) for prompt in prompts]


def _boxed(scored: ScoredTree, judge: Judge, prompt: Placed) -> list[Choice]:
    if prompt.window is None:
        raise ValueError("expected a box, got points alone")
    positive, negative = (leaves_under(scored.tree, each) for each in (prompt.positive, prompt.negative))
    return box_choices(scored, judge, prompt.window, positive, negative)


def _drawn(tree: Tree, choices: Sequence[Choice]) -> NDArray[np.int8]:
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


def _split(logits: NDArray[np.int8], tree: Tree, prompts: Sequence[Placed]) -> None:
    """Clear what negative points mark inside single leaves, in place."""
    for mask, prompt in zip(logits, prompts, strict=True):
        if len(prompt.negative):
            kept = without_negatives(mask > 0, tree.region, prompt.positive, prompt.negative)
            mask[~kept] = -1


def _confine(logits: NDArray[np.int8], prompts: Sequence[Placed]) -> None:
    """Clear what reaches far out of a box, in place: a box may be smaller than the leaves under it."""
    for mask, prompt in zip(logits, prompts, strict=True):
        if prompt.window is None or len(prompt.positive):
            continue
        kept = mask[_grown(prompt.window)].copy()
        mask[:] = -1
        mask[_grown(prompt.window)] = kept


def _grown(window: Window) -> Window:
    """The box and REACH of its side more all around."""
    rows, columns = (
        slice(max(0, side.start - margin), side.stop + margin)
        for side in window
        for margin in [round(REACH * (side.stop - side.start))]
    )
    return rows, columns
