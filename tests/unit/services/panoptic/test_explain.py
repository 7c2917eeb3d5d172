"""Whole objects are chosen among nested candidates."""

import itertools
from dataclasses import replace

import numpy as np

from services.masks.formats import decode_rle
from tests.unit.services.analyze.shapes import SHAPE, block
from tests.unit.services.panoptic.scenes import OPTIONS, Candidate, named, segments_of

PIECES = [(20, 10), (40, 10), (20, 20), (40, 20)]
DOG: list[Candidate] = [
    *((block(x, y, 20, 10), 0.45, {"dog": 0.4, "person": 0.2}) for x, y in PIECES),
    (block(20, 10, 40, 20), 0.6, {"dog": 0.6, "person": 0.1}),
]
PEOPLE: list[Candidate] = [
    (block(20, 10, 19, 40), 0.7, {"person": 0.8}),
    (block(41, 10, 19, 40), 0.7, {"person": 0.8}),
    (block(20, 10, 40, 40), 0.4, {"person": 0.8}),
]
LAWN: list[Candidate] = [
    (block(0, 30, 100, 30), 0.5, {"grass": 0.7}),
    (block(0, 5, 15, 20), 0.3, {"grass": 0.6}),
    (block(20, 0, 80, 6), 0.4, {"sky": 0.7}),
]


def test_a_dog_in_four_pieces_is_one_dog() -> None:
    segments, ids = segments_of(DOG)
    assert named(segments) == [("dog", (20, 10, 40, 20))]
    assert segments[0].is_thing
    assert (ids == 1).sum() == 800


def test_the_parts_speak_for_the_whole() -> None:
    doubtful = [*DOG[:4], (block(20, 10, 40, 20), 0.6, {"dog": 0.3, "person": 0.35})]
    assert named(segments_of(doubtful)[0]) == [("dog", (20, 10, 40, 20))]


def test_two_people_stay_two() -> None:
    segments, _ = segments_of(PEOPLE)
    assert sorted(named(segments)) == [("person", (20, 10, 19, 40)), ("person", (41, 10, 19, 40))]


def test_stuff_merges_by_label_and_things_do_not() -> None:
    segments, ids = segments_of(LAWN)
    by_name = {name: segment for (name, _), segment in zip(named(segments), segments, strict=True)}
    assert sorted(by_name) == ["grass", "sky"]
    assert by_name["grass"].region.area == 3300
    assert by_name["grass"].region.xywh == (0, 5, 100, 55)
    assert not by_name["grass"].is_thing
    assert len(np.unique(ids)) == 3


def test_an_object_on_stuff_is_cut_out_of_it() -> None:
    ball = block(40, 40, 10, 10)
    segments, ids = segments_of([*LAWN, (ball, 0.7, {"dog": 0.8})])
    names = [name for name, _ in named(segments)]
    assert sorted(names) == ["dog", "grass", "sky"]
    assert set(ids[ball].tolist()) == {names.index("dog") + 1}
    assert segments[names.index("grass")].region.area == 3200


def test_segments_never_overlap_and_agree_with_the_map() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        segments, ids = segments_of([_random_candidate(rng) for _ in range(12)])
        assert ids.shape == SHAPE
        assert set(np.unique(ids).tolist()) - {0} == set(range(1, len(segments) + 1))
        for number, segment in enumerate(segments, 1):
            mask = decode_rle(segment.region.rle)
            assert np.array_equal(mask, ids == number)
            assert segment.region.area == mask.sum()


def test_the_order_of_the_candidates_does_not_matter() -> None:
    expected, ids = segments_of(PEOPLE)
    for order in itertools.permutations(PEOPLE):
        segments, same = segments_of(order)
        assert [one.region for one in segments] == [one.region for one in expected]
        assert np.array_equal(same, ids)


def test_what_no_label_fits_stays_unexplained() -> None:
    unknown = [(block(20, 10, 40, 20), 0.9, {"dog": 0.2, "person": 0.2})]
    segments, ids = segments_of(unknown)
    assert segments == []
    assert not ids.any()
    sure = replace(OPTIONS, confidence_threshold=0.99)
    assert segments_of(PEOPLE, sure)[0] == []


def _random_candidate(rng: np.random.Generator) -> Candidate:
    x, y, w, h = (int(rng.integers(0, 60)), int(rng.integers(0, 40)), *rng.integers(5, 40, 2).tolist())
    scores = rng.dirichlet(np.full(5, 0.5))
    labels = dict(zip(("dog", "person", "grass", "sky"), scores[:4].tolist(), strict=True))
    return block(x, y, w, h), float(rng.uniform(0.3, 0.9)), labels
