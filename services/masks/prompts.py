"""Checks prompts against the photograph they are about."""

import numpy as np
from numpy.typing import NDArray

from domain.errors import InvalidRequest
from domain.masks import Prompt


def check_prompt_inside(prompt: Prompt, width: int, height: int) -> None:
    """Nothing, for a prompt that lies in an upright image of `width` x `height` pixels.

    Raises:
        InvalidRequest: A point or a box reaches outside, or the box is empty.
    """
    for x, y in prompt.points.tolist():
        if not (0 <= x < width and 0 <= y < height):
            raise InvalidRequest(
                f"points: expected 0 <= x < {width} and 0 <= y < {height}, got x={x:g}, y={y:g}",
                {"width": width, "height": height},
            )
    if prompt.box is not None:
        _check_box(prompt.box, width, height)


def _check_box(box: NDArray[np.float64], width: int, height: int) -> None:
    x0, y0, x1, y1 = box.tolist()
    if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
        raise InvalidRequest(
            f"box: expected 0 <= x0 < x1 <= {width} and 0 <= y0 < y1 <= {height}, "
            f"got [{x0:g}, {y0:g}, {x1:g}, {y1:g}]",
            {"width": width, "height": height},
        )
