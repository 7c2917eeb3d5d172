"""Prompts on the four columns: x 0-39, 40-79, 80-119, 120-159 of an image of 160 x 64."""

from itertools import pairwise

import numpy as np
import pytest

from domain.masks import Candidates, Embedding, Prompt
from models.contour.masks import decode_prompts
from models.contour.ranker import Ranker


def points(*places: tuple[float, float, int], box: tuple[float, ...] | None = None) -> Prompt:
    xy = np.array([place[:2] for place in places], np.float32).reshape(-1, 2)
    corners = None if box is None else np.array(box, np.float32)
    return Prompt(xy, np.array([place[2] for place in places], np.int64), corners)


def columns(candidates: Candidates, index: int = 0) -> list[bool]:
    """Whether each of the four columns is in a mask."""
    return (candidates.logits[index, 8, 5::10] > 0).tolist()


def test_a_point_is_inside_its_candidates(embedding: Embedding, ranker: Ranker) -> None:
    found = decode_prompts(embedding, ranker, [Prompt.point(x + 0.5, 30.0) for x in range(0, 160, 3)])
    x = np.arange(0, 160, 3)[found.prompt_index] // 4
    assert (found.logits[np.arange(len(found)), 7, x] > 0).all()
    assert set(found.prompt_index) == set(range(54))


def test_candidates_are_nested_and_best_first(embedding: Embedding, ranker: Ranker) -> None:
    found = decode_prompts(embedding, ranker, [Prompt.point(10, 30)])
    assert found.quality.tolist() == pytest.approx([0.8, 0.3, 0.1])
    masks = sorted((found.logits > 0), key=np.sum)
    assert all((small <= large).all() for small, large in pairwise(masks))


def test_two_points_get_what_holds_both(embedding: Embedding, ranker: Ranker) -> None:
    found = decode_prompts(embedding, ranker, [points((10, 30, 1), (50, 30, 1))])
    assert columns(found) == [True, True, False, False]


def test_two_objects_get_their_union(embedding: Embedding, ranker: Ranker) -> None:
    found = decode_prompts(embedding, ranker, [points((10, 30, 1), (150, 30, 1))])
    assert columns(found) == [True, True, True, True]


def test_a_negative_point_is_excluded(embedding: Embedding, ranker: Ranker) -> None:
    found = decode_prompts(embedding, ranker, [points((10, 30, 1), (50, 30, 0))])
    assert all(columns(found, index)[:2] == [True, False] for index in range(len(found)))


def test_a_negative_point_splits_the_leaf_of_the_positive(embedding: Embedding, ranker: Ranker) -> None:
    found = decode_prompts(embedding, ranker, [points((4, 30, 1), (36, 30, 0))])
    assert (found.logits[:, 7, 1] > 0).all()
    assert (found.logits[:, 7, 9] < 0).all()


def test_a_box_takes_the_leaves_inside(embedding: Embedding, ranker: Ranker) -> None:
    found = decode_prompts(embedding, ranker, [points(box=(38, 0, 121, 64))])
    assert columns(found) == [False, True, True, False]


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (159, 63, 160, 64), (79.9, 3, 80, 3.1), (0, 0, 160, 64)])
def test_any_box_gets_a_mask(embedding: Embedding, ranker: Ranker, box: tuple[float, ...]) -> None:
    found = decode_prompts(embedding, ranker, [points(box=box)])
    assert 1 <= len(found) <= 3
    assert (found.logits > 0).any(axis=(1, 2)).all()


def test_points_add_to_a_box_and_take_from_it(embedding: Embedding, ranker: Ranker) -> None:
    found = decode_prompts(embedding, ranker, [points((10, 30, 1), (110, 30, 0), box=(38, 0, 121, 64))])
    assert columns(found)[:3] == [True, True, False]
    only = decode_prompts(embedding, ranker, [points((110, 30, 0), box=(38, 0, 121, 64))])
    assert columns(only) == [False, True, False, False]


def test_a_batch_answers_as_its_prompts_alone(embedding: Embedding, ranker: Ranker) -> None:
    prompts = [
        Prompt.point(10, 30),
        points(box=(38, 0, 121, 64)),
        points((10, 30, 1), (150, 30, 1)),
        points((10, 30, 1), (50, 30, 0)),
    ]
    together = decode_prompts(embedding, ranker, prompts)
    alone = [decode_prompts(embedding, ranker, [prompt]) for prompt in prompts]
    assert np.array_equal(together.logits, np.concatenate([each.logits for each in alone]))
    assert np.array_equal(together.quality, np.concatenate([each.quality for each in alone]))
    assert together.prompt_index.tolist() == np.repeat(np.arange(4), [len(each) for each in alone]).tolist()


def test_the_quality_of_a_box_is_the_iou_to_expect(embedding: Embedding, ranker: Ranker) -> None:
    found = decode_prompts(embedding, ranker, [points(box=(40, 0, 112, 64))])
    assert columns(found) == [False, True, True, False]
    assert found.quality[0] == pytest.approx((10 + 8) / 20)


def test_the_threshold_leaves_out_worse_candidates(embedding: Embedding, ranker: Ranker) -> None:
    found = decode_prompts(embedding, ranker, [Prompt.point(10, 30)], 0.5)
    assert found.quality.tolist() == pytest.approx([0.8])
