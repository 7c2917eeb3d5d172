"""Tests of services/masks/prompts.py."""

import numpy as np
import pytest

from domain.errors import InvalidRequest
from domain.masks import Prompt
from services.masks.prompts import check_prompt_inside


def box(*corners: float) -> Prompt:
    return Prompt(np.zeros((0, 2)), np.zeros(0, np.int64), np.array(corners))


def test_prompts_up_to_the_border_are_accepted() -> None:
    check_prompt_inside(Prompt.point(0, 0), 100, 50)
    check_prompt_inside(Prompt.point(99.5, 49.5), 100, 50)
    check_prompt_inside(box(0, 0, 100, 50), 100, 50)


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        (Prompt.point(100, 0), "points: expected 0 <= x < 100 and 0 <= y < 50, got x=100, y=0"),
        (Prompt.point(0, -1), "got x=0, y=-1"),
        (box(0, 0, 101, 50), r"box: expected .*, got \[0, 0, 101, 50\]"),
        (box(10, 10, 10, 20), r"got \[10, 10, 10, 20\]"),
    ],
)
def test_other_prompts_are_refused(prompt: Prompt, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message) as refused:
        check_prompt_inside(prompt, 100, 50)
    assert refused.value.details == {"width": 100, "height": 50}
