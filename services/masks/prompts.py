"""Checks prompts, and chooses the mask of each of several prompts."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from domain.errors import InvalidRequest
from domain.masks import Candidates, Prompt, PromptList, Region
from services.masks.candidates import CroppedCandidates
from services.masks.formats import encode_rle


def best_of_each_prompt(batches: Iterable[Candidates]) -> CroppedCandidates:
    """Return the best candidate of each prompt, in order, also one whose mask is empty.

    Args:
        batches: Candidates of batches of prompts, the best answer first within a prompt.
    """
    return CroppedCandidates.concatenate(
        [CroppedCandidates.of(_best_candidates(batch), lambda area: area >= 0) for batch in batches]
    )


def _best_candidates(candidates: Candidates) -> Candidates:
    _, first = np.unique(candidates.prompt_index, return_index=True)
    return candidates.take(first)


def empty_region(width: int, height: int) -> Region:
    """Return the region of a prompt that has no mask in an image of `width` x `height` pixels."""
    return Region(encode_rle(np.zeros((height, width), np.bool_)), (0, 0, 0, 0), 0, 0.0, 0.0)


def check_prompts_inside(prompt: Prompt | PromptList, width: int, height: int) -> None:
    """Refuse prompts that do not lie inside an upright image of `width` x `height` pixels.

    Raises:
        InvalidRequest: A point or a box reaches outside, a box is empty, or a mask has another size; of
            several prompts, the message names the index.
    """
    if isinstance(prompt, Prompt):
        check_prompt_inside(prompt, width, height)
        return
    for index, one in enumerate(prompt.prompts):
        try:
            check_prompt_inside(one, width, height)
        except InvalidRequest as error:
            raise InvalidRequest(
                f"prompts.{index}.{error.message}", {**error.details, "prompt_index": index}
            ) from error


def check_prompt_inside(prompt: Prompt, width: int, height: int) -> None:
    """Refuse a prompt that does not lie inside an upright image of `width` x `height` pixels.

    Raises:
        InvalidRequest: A point or the box reaches outside, the box is empty, or the mask has another size.
    """
    for x, y in prompt.points.tolist():
        if not (0 <= x < width and 0 <= y < height):
            raise InvalidRequest(
                f"points: expected 0 <= x < {width} and 0 <= y < {height}, got x={x:g}, y={y:g}",
                {"width": width, "height": height},
            )
    if prompt.box is not None:
        _check_box(prompt.box, width, height)
    if prompt.mask is not None and (prompt.mask.height, prompt.mask.width) != (height, width):
        raise InvalidRequest(
            f"mask: expected the size of the upright image, [{height}, {width}], "
            f"got [{prompt.mask.height}, {prompt.mask.width}]",
            {"width": width, "height": height},
        )


def _check_box(box: NDArray[np.float64], width: int, height: int) -> None:
    x0, y0, x1, y1 = box.tolist()
    if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
        raise InvalidRequest(
            f"box: expected 0 <= x0 < x1 <= {width} and 0 <= y0 < y1 <= {height}, "
            f"got [{x0:g}, {y0:g}, {x1:g}, {y1:g}]",
            {"width": width, "height": height},
        )
