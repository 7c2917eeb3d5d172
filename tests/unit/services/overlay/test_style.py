"""Colours of labels and shades of neighbours."""

import json
import subprocess
import sys

import numpy as np
import pytest

from services.overlay.style import LABEL_PALETTE, UNKNOWN_COLOR, NeighbourShader, label_color, shade_color

LABELS = ["cat", "dog", "sky", "глаз", "french fries"]


@pytest.mark.parametrize("seed", ["0", "1"])
def test_colours_are_the_same_in_every_process(seed: str) -> None:
    show = f"print(json.dumps([label_color(label) for label in {LABELS}]))"
    code = f"import json; from services.overlay.style import label_color; {show}"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        check=True,
    )
    assert [tuple(color) for color in json.loads(run.stdout)] == [label_color(label) for label in LABELS]


def test_unknown_is_grey_and_no_label_else_is() -> None:
    assert label_color("unknown") == UNKNOWN_COLOR
    assert UNKNOWN_COLOR not in LABEL_PALETTE
    assert max(UNKNOWN_COLOR) - min(UNKNOWN_COLOR) < 16


def test_names_that_meet_on_a_street_have_their_own_colours() -> None:
    names = ["person", "car", "tree", "sky", "road", "building"]
    assert len({label_color(name) for name in names}) == len(names)


def test_shades_of_a_colour_differ() -> None:
    for color in (*LABEL_PALETTE, UNKNOWN_COLOR):
        shades = [shade_color(color, shade) for shade in range(3)]
        assert shades[0] == color
        assert sum(shades[1]) < sum(shades[0]) < sum(shades[2])


def test_touching_regions_get_different_shades_and_distant_ones_the_plain_colour() -> None:
    stripes = [np.zeros((9, 12), np.bool_) for _ in range(3)]
    for index, stripe in enumerate(stripes):
        stripe[:, 4 * index : 4 * index + 4] = True
    shader = NeighbourShader()
    first, second, third = (
        shader.shade(LABEL_PALETTE[0], np.ascontiguousarray(stripe[:, :])) for stripe in stripes
    )
    assert (first, third) == (LABEL_PALETTE[0], LABEL_PALETTE[0])
    assert second != LABEL_PALETTE[0]


def test_touching_regions_of_different_colours_keep_them() -> None:
    whole = np.ones((4, 4), np.bool_)
    shader = NeighbourShader()
    assert [shader.shade(color, whole) for color in LABEL_PALETTE] == list(LABEL_PALETTE)
