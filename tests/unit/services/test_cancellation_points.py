"""Work that is not wanted any more ends at the next piece."""

from collections.abc import Callable

import numpy as np
import pytest

from adapters.threads import ThreadDecoder, ThreadWorkerPool
from models.provider import LazyModel
from services.masks.filter import CandidateFilter
from services.masks.grid import GridMaskGenerator
from services.masks.options import PointGrid
from services.masks.refine import RefineOptions, refine_masks
from services.progress import Progress
from tests.fakes import DiscSegmenter
from tests.unit.services.masks.fakes import cropped, squares


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
    search = GridMaskGenerator(
        ThreadDecoder(LazyModel(segmenter.info, lambda: segmenter), ThreadWorkerPool(1)),
        segmenter.defaults,
        segmenter.encode(np.zeros((96, 160, 3), np.uint8)),
        ThreadWorkerPool(1),
        CandidateFilter(),
        lambda found: found,
        Progress(check=check),
    )
    with pytest.raises(Stopped):
        search.generate(PointGrid(16, adaptive=False))
    assert len(segmenter.batches) == 2


def test_masks_that_are_enlarged(check: Callable[[], None]) -> None:
    pool = ThreadWorkerPool(1)
    three = cropped(squares((0, 0, 30, 30), (0, 0, 60, 60), (0, 0, 90, 90)))
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
