"""Work that is not wanted any more ends at the next piece."""

from collections.abc import Callable

import numpy as np
import pytest

from adapters.threads import ThreadWorkerPool
from services.masks.filter import CandidateFilter, decode_and_filter
from services.masks.grid import point_grid_prompts
from services.masks.refine import RefineOptions, refine_masks
from services.progress import Progress
from tests.fakes import DiscSegmenter
from tests.unit.services.masks.candidates import shortlist
from tests.unit.services.masks.test_nms import squares


class Stopped(Exception):
    """What the check raises."""


@pytest.fixture
def check() -> Callable[[], None]:
    """Says no when it is asked for the third time."""
    asked: list[None] = []

    def ask() -> None:
        asked.append(None)
        if len(asked) > 2:
            raise Stopped

    return ask


def test_batches_of_prompts(check: Callable[[], None]) -> None:
    segmenter = DiscSegmenter()
    embedding = segmenter.encode(np.zeros((96, 160, 3), np.uint8))
    with pytest.raises(Stopped):
        decode_and_filter(
            segmenter,
            embedding,
            point_grid_prompts(160, 96, 16),
            ThreadWorkerPool(1),
            CandidateFilter(),
            check,
        )
    assert len(segmenter.batches) == 2


def test_masks_that_are_enlarged(check: Callable[[], None]) -> None:
    pool = ThreadWorkerPool(1)
    three = shortlist(squares((0, 0, 30, 30), (0, 0, 60, 60), (0, 0, 90, 90)))
    assert len(refine_masks(three.take(np.arange(2)), 100, 100, RefineOptions(1, 10**4), pool, check)) == 2
    with pytest.raises(Stopped):
        refine_masks(three, 100, 100, RefineOptions(1, 10**4), pool, check)


def test_stages(check: Callable[[], None]) -> None:
    progress = Progress(check=check)
    for name in ("load", "encode"):
        with progress.stage(name):
            pass
    with pytest.raises(Stopped), progress.stage("decode"):
        pass
    assert set(progress.timings_ms) == {"load", "encode", "total"}
