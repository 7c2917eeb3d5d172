"""Prompts decoded in batches by several workers."""

import numpy as np

from adapters.threads import ThreadWorkerPool
from services.masks.filter import Filter, propose
from services.masks.geometry import grid_prompts
from tests.fakes import DiscSegmenter
from tests.unit.services.masks.candidates import shortlist
from tests.unit.services.masks.test_nms import squares


def _propose(workers: int, keep: Filter | None = None):
    segmenter = DiscSegmenter()
    embedding = segmenter.encode(np.zeros((96, 160, 3), np.uint8))
    prompts = grid_prompts(160, 96, 8)
    found = propose(segmenter, embedding, prompts, ThreadWorkerPool(workers), keep or Filter())
    return segmenter, found


def test_batches_have_the_segmenters_size() -> None:
    segmenter, found = _propose(workers=3)
    assert segmenter.batches == [16] * 4
    assert len(found) == 64 * 3


def test_the_number_of_workers_changes_nothing() -> None:
    (_, one), (_, four) = _propose(1), _propose(4)
    assert one.keys == four.keys
    assert all(np.array_equal(*pair) for pair in zip(one.crops, four.crops, strict=True))
    assert np.array_equal(one.quality, four.quality)


def test_thresholds_are_applied() -> None:
    assert len(_propose(2, Filter(quality=0.8))[1]) == 64
    assert len(_propose(2, Filter(stability=0.75))[1]) == 128
    assert len(_propose(2, Filter(area=0.2))[1]) < 64
    assert len(_propose(2, Filter(quality=0.95))[1]) == 0
    assert len(_propose(2, Filter(most=0.2))[1]) + len(_propose(2, Filter(area=0.2))[1]) == 192


def test_equal_masks_count_once_with_their_best_quality() -> None:
    segmenter = DiscSegmenter()
    embedding = segmenter.encode(np.zeros((96, 160, 3), np.uint8))
    prompts = grid_prompts(160, 96, 1) * 40
    found = propose(segmenter, embedding, prompts, ThreadWorkerPool(2), Filter())
    assert len(found) == 3
    assert found.quality.tolist() == np.array([0.9, 0.7, 0.5], np.float32).tolist()


def test_equal_masks_stay_if_asked() -> None:
    segmenter = DiscSegmenter()
    embedding = segmenter.encode(np.zeros((96, 160, 3), np.uint8))
    prompts = grid_prompts(160, 96, 1) * 40
    keep = Filter(repeats=True)
    assert len(propose(segmenter, embedding, prompts, ThreadWorkerPool(2), keep)) == 120


def test_what_is_kept_is_the_mask_with_a_margin() -> None:
    logits = squares((3, 5, 9, 20), (0, 0, 100, 100))
    found = shortlist(logits)
    assert [crop.shape for crop in found.crops] == [(17, 8), (100, 100)]
    assert found.corners.tolist() == [[4, 2], [0, 0]]
    assert np.array_equal(found.crops[0], logits[0, 4:21, 2:10])
    assert found.within(found.crops[0].nbytes + found.bits[0].nbytes).keys == found.keys[:1]
