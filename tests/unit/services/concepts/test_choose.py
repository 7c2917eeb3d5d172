"""The choice of the regions that a phrase is about."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from domain.masks import Region
from services.concepts.choose import WEIGHTS, Relations, choose_matches, region_scores
from tests.unit.services.analyze.shapes import block, region

NO, YES = -6.0, 3.0
SCENE = 0.0


def _of_quality(quality: float, *box: int) -> Region:
    return replace(region(block(*box)), quality=quality)


def _choose(regions: Sequence[Region], log_odds: Sequence[float], scene: float = SCENE) -> list[int]:
    matches = choose_matches(Relations.of(regions), np.array(log_odds, np.float32), scene)
    assert [one for _, one in matches] == sorted((one for _, one in matches), reverse=True)
    return [index for index, _ in matches]


LEFT, RIGHT, SKY = (
    _of_quality(0.8, 0, 20, 30, 30),
    _of_quality(0.7, 50, 20, 30, 30),
    _of_quality(0.6, 0, 0, 90, 15),
)


def test_two_objects_are_two_regions_and_the_rest_is_none() -> None:
    assert _choose([SKY, RIGHT, LEFT], [NO, YES, YES]) == [2, 1]


def test_nothing_is_answered_where_no_region_shows_it() -> None:
    assert _choose([SKY, RIGHT, LEFT], [NO, NO, NO]) == []


def test_the_whole_image_has_a_say() -> None:
    almost = WEIGHTS.presence + 0.1
    assert _choose([SKY, LEFT], [NO, almost], 0.0) == [1]
    assert _choose([SKY, LEFT], [NO, almost], -5.0) == []


def test_an_unsure_region_is_answered_beside_no_surer_one() -> None:
    unsure = -1.5
    assert _choose([SKY, RIGHT, LEFT], [NO, NO, unsure]) == [2]
    assert _choose([SKY, RIGHT, LEFT], [NO, unsure, YES]) == [2]


def test_a_part_of_an_answer_is_no_answer() -> None:
    head = _of_quality(0.5, 2, 22, 10, 10)
    assert _choose([head, LEFT], [YES, YES]) == [1]


def test_parts_that_are_better_stand_in_the_place_of_what_they_cover() -> None:
    both = _of_quality(0.5, 0, 20, 60, 30)
    left, right = _of_quality(0.8, 0, 20, 30, 30), _of_quality(0.8, 30, 20, 30, 30)
    assert sorted(_choose([both, left, right], [YES, YES, YES])) == [1, 2]


def test_pieces_of_a_better_whole_are_not_answered() -> None:
    dog = _of_quality(0.9, 0, 20, 60, 30)
    front, back = _of_quality(0.4, 0, 20, 30, 30), _of_quality(0.4, 30, 20, 30, 30)
    assert _choose([dog, front, back], [YES, YES, YES]) == [0]


def test_parts_speak_for_the_whole() -> None:
    dog, head, wall = (_of_quality(0.8, *box) for box in ((0, 20, 60, 30), (0, 20, 20, 30), (70, 0, 20, 60)))
    relations = Relations.of([dog, head, wall])
    alone, supported = (
        region_scores(relations, np.array([0.0, odds, NO], np.float32), WEIGHTS)[0] for odds in (0.0, YES)
    )
    assert supported > alone


def test_shares_are_those_of_the_pixels() -> None:
    relations = Relations.of([_of_quality(0.5, 0, 0, 40, 40), _of_quality(0.5, 0, 0, 20, 20)])
    assert relations.shares.sum(axis=1) == pytest.approx(1)
    # In its quarter the small region counts four times as much as the large one.
    assert relations.shares[1] == pytest.approx([0.2, 0.8], abs=0.01)
    assert relations.shares[0] == pytest.approx([0.8, 0.2], abs=0.01)


def test_a_region_of_one_pixel_is_measured() -> None:
    relations = Relations.of([_of_quality(0.5, 7, 7, 1, 1), _of_quality(0.5, 0, 0, 90, 60)])
    assert np.isfinite(relations.shares).all()
    assert relations.shares.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_regions_nest_deeper_than_the_interpreter_calls() -> None:
    count = 1200
    pixels = np.arange(count).reshape(30, 40)
    regions = [replace(region(pixels <= last), quality=0.5) for last in range(count)]
    assert _choose(regions, [YES] * count) == [count - 1]
