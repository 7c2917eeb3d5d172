"""Tests of mask prompts on four columns: x 0-39, 40-79, 80-119, 120-159 of an image of 160 x 64."""

from collections.abc import Sequence

import numpy as np
import pytest

from domain.arrays import Mask
from domain.masks import Candidates, Embedding, Prompt
from models.contour.masks import decode_prompts
from models.contour.ranker import Ranker
from models.contour.segmenter import ContourSegmenter
from services.masks.formats import encode_rle
from tests.unit.models.contour.test_masks import columns, points


def mask_prompt(
    mask: Mask, *places: tuple[float, float, int], box: tuple[float, ...] | None = None
) -> Prompt:
    xy = np.array([place[:2] for place in places], np.float64).reshape(-1, 2)
    corners = None if box is None else np.array(box, np.float64)
    return Prompt(xy, np.array([place[2] for place in places], np.int64), corners, encode_rle(mask))


def frame(*rectangles: tuple[int, int, int, int]) -> Mask:
    """Return a mask of rectangles x0, y0, x1, y1."""
    mask = np.zeros((64, 160), np.bool_)
    for x0, y0, x1, y1 in rectangles:
        mask[y0:y1, x0:x1] = True
    return mask


ROUGH = frame((44, 6, 74, 60), (58, 0, 84, 64))
"""A rough guess of the second column."""


def decode(embedding: Embedding, ranker: Ranker, prompts: Sequence[Prompt]) -> Candidates:
    return decode_prompts(embedding, ranker, prompts)


def test_a_rough_guess_gets_the_column(embedding: Embedding, ranker: Ranker) -> None:
    assert columns(decode(embedding, ranker, [mask_prompt(ROUGH)])) == [False, True, False, False]


def test_a_rectangle_is_answered_as_a_box(embedding: Embedding, ranker: Ranker) -> None:
    guess = decode(embedding, ranker, [mask_prompt(frame((38, 0, 121, 64)))])
    box = decode(embedding, ranker, [points(box=(38, 0, 121, 64))])
    assert columns(guess) == columns(box) == [False, True, True, False]


def test_the_answer_stays_near_a_guess_that_is_smaller_than_a_leaf(
    embedding: Embedding, ranker: Ranker
) -> None:
    (mask, *_) = (
        decode(embedding, ranker, [mask_prompt(frame((84, 20, 92, 28), (84, 20, 88, 32)))]).logits > 0
    )
    rows, across = np.nonzero(mask)
    assert (across >= 19).all()
    assert (across <= 26).all()
    assert np.ptp(rows) < 8


def test_points_change_the_guess(embedding: Embedding, ranker: Ranker) -> None:
    added = decode(embedding, ranker, [mask_prompt(ROUGH, (150, 30, 1))])
    assert columns(added) == [False, True, False, True]
    both = frame((4, 0, 80, 60), (0, 6, 76, 64))
    assert columns(decode(embedding, ranker, [mask_prompt(both)])) == [True, True, False, False]
    taken = decode(embedding, ranker, [mask_prompt(both, (10, 30, 0))])
    assert columns(taken) == [False, True, False, False]


def test_a_box_limits_the_guess(embedding: Embedding, ranker: Ranker) -> None:
    both = frame((4, 0, 80, 60), (0, 6, 76, 64))
    found = decode(embedding, ranker, [mask_prompt(both, box=(40, 0, 80, 64))])
    assert columns(found) == [False, True, False, False]
    apart = decode(embedding, ranker, [mask_prompt(both, box=(120, 0, 160, 64))])
    assert columns(apart) == [False, False, False, True]


@pytest.mark.parametrize(
    "mask",
    [
        frame((0, 0, 1, 1)),
        frame((159, 63, 160, 64)),
        frame((0, 0, 160, 64)),
        frame((0, 0, 1, 1), (159, 0, 160, 64)),
    ],
)
def test_any_mask_gets_a_mask(embedding: Embedding, ranker: Ranker, mask: Mask) -> None:
    found = decode(embedding, ranker, [mask_prompt(mask)])
    assert 1 <= len(found) <= 3
    assert (found.logits > 0).any(axis=(1, 2)).all()
    assert ((found.quality >= 0) & (found.quality <= 1)).all()


def test_a_batch_answers_as_its_prompts_alone(embedding: Embedding, ranker: Ranker) -> None:
    prompts = [mask_prompt(ROUGH), Prompt.point(10, 30), points(box=(38, 0, 121, 64)), mask_prompt(~ROUGH)]
    together = decode(embedding, ranker, prompts)
    alone = [decode(embedding, ranker, [prompt]) for prompt in prompts]
    assert np.array_equal(together.logits, np.concatenate([each.logits for each in alone]))
    assert np.array_equal(together.quality, np.concatenate([each.quality for each in alone]))


@pytest.mark.parametrize("shift", [-6, 6])
def test_the_shipped_models_find_the_disc_under_a_shifted_guess(
    segmenter: ContourSegmenter, scene: np.ndarray, shift: int
) -> None:
    rows, across = np.mgrid[:120, :160]
    disc = (rows - 60) ** 2 + (across - 50) ** 2 < 30**2
    guess = (rows - 60 - shift) ** 2 + (across - 50 - shift) ** 2 < 26**2
    embedding = segmenter.encode(scene)
    answers = [guess]
    for _ in range(3):
        answers.append(segmenter.decode(embedding, [mask_prompt(answers[-1])]).logits[0] > 0)
    ious = [(each & disc).sum() / (each | disc).sum() for each in answers]
    assert ious[0] < 0.7 < 0.9 < ious[1] <= ious[2]
    assert np.array_equal(answers[2], answers[3])
