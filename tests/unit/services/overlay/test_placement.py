"""Placing of names."""

import itertools

import numpy as np

from services.masks.formats import Box
from services.overlay.placement import TagPlacement, TagRequest, place_tags
from services.overlay.regions import TagAnchor, tag_anchors

FRAME = (640, 480)
GAP = 3


def overlap(one: Box, other: Box) -> bool:
    return all(one[a] < other[a] + other[a + 2] and other[a] < one[a] + one[a + 2] for a in (0, 1))


def check(places: list[TagPlacement], frame: tuple[int, int]) -> None:
    for place in places:
        x, y, width, height = place.box
        assert x >= 0
        assert y >= 0
        assert x + width <= frame[0]
        assert y + height <= frame[1]
    assert not any(overlap(a.box, b.box) for a, b in itertools.combinations(places, 2))


def test_a_large_region_has_its_name_inside_at_its_roomiest_spot() -> None:
    request = TagRequest([(80, 20)], (100, 100, 300, 300), [TagAnchor(250, 240, 50)])
    assert place_tags([request], FRAME, GAP) == [TagPlacement(0, 0, (210, 230, 80, 20))]


def test_a_small_region_is_not_hidden_by_its_name() -> None:
    box = (300, 200, 30, 30)
    (place,) = place_tags([TagRequest([(80, 20)], box, [TagAnchor(315, 215, 8)])], FRAME, GAP)
    assert not overlap(place.box, box)
    assert place.box[1] + place.box[3] + GAP == box[1]


def test_the_name_of_a_crescent_is_not_put_on_what_it_lies_around() -> None:
    crescent = TagRequest([(80, 20)], (300, 200, 120, 110), [TagAnchor(315, 290, 8)], filled=0.15)
    (place,) = place_tags([crescent], FRAME, GAP)
    assert place.box == (275, 280, 80, 20)


def test_names_stay_inside_and_apart() -> None:
    rng = np.random.default_rng(0)
    requests = []
    for _ in range(40):
        x, y = int(rng.integers(0, 600)), int(rng.integers(0, 440))
        requests.append(TagRequest([(90, 20), (50, 20)], (x, y, 40, 40), [TagAnchor(x + 20, y + 20, 7)]))
    places = place_tags(requests, FRAME, GAP)
    check(places, FRAME)
    assert len(places) > 20


def test_all_get_a_name_where_there_is_space() -> None:
    requests = [
        TagRequest([(70, 20)], (x, y, 100, 100), [TagAnchor(x + 50, y + 50, 16)])
        for x, y in itertools.product(range(10, 500, 120), range(10, 370, 120))
    ]
    places = place_tags(requests, FRAME, GAP)
    check(places, FRAME)
    assert [place.request for place in places] == list(range(len(requests)))


def test_the_short_wording_is_used_where_the_long_one_finds_no_room() -> None:
    request = TagRequest([(700, 20), (60, 20)], (0, 0, 640, 480), [TagAnchor(320, 240, 80)])
    (place,) = place_tags([request], FRAME, GAP)
    assert place.tag_text == 1


def test_a_name_that_fits_nowhere_is_left_out_and_the_others_are_not() -> None:
    requests = [
        TagRequest([(60, 600)], (0, 0, 640, 480), [TagAnchor(320, 240, 80)]),
        TagRequest([(60, 20)], (0, 0, 640, 480), [TagAnchor(320, 240, 80)]),
    ]
    assert [place.request for place in place_tags(requests, FRAME, GAP)] == [1]


def test_names_do_not_cover_the_picture() -> None:
    requests = [
        TagRequest([(150, 50)], (x, y, 160, 60), [TagAnchor(x + 80, y + 30, 26)])
        for x, y in itertools.product(range(0, 640, 160), range(0, 480, 60))
    ]
    places = place_tags(requests, FRAME, GAP)
    assert 0.15 < sum(p.box[2] * p.box[3] for p in places) / (640 * 480) <= 0.2


def test_spots_lie_inside_the_mask_and_away_from_its_holes() -> None:
    mask = np.zeros((200, 300), np.bool_)
    mask[20:180, 30:290] = True
    mask[60:140, 60:200] = False
    found = tag_anchors(mask, (1000, 2000))
    assert found
    assert all(mask[round(spot.y) - 2000, round(spot.x) - 1000] for spot in found)
    assert found[0].room >= max(spot.room for spot in found) - 20


def test_the_spot_of_a_rectangle_is_its_middle() -> None:
    spot = tag_anchors(np.ones((120, 120), np.bool_), (0, 0))[0]
    assert abs(spot.x - 60) <= 6
    assert abs(spot.y - 60) <= 6


def test_nothing_has_no_spots() -> None:
    assert tag_anchors(np.zeros((10, 10), np.bool_), (0, 0)) == ()
