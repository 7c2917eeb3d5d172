"""Stability, measured at full size where it decides."""

import cv2
import numpy as np

from adapters.threads import ThreadWorkerPool
from domain.masks import Candidates
from services.masks.filter import CandidateFilter, decode_and_filter, stability_scores
from services.masks.grid import point_grid_prompts
from tests.fakes import DiscSegmenter
from tests.unit.services.masks.candidates import shortlist
from tests.unit.services.masks.test_nms import squares


def _candidates(stability: list[float], dtype: type = np.float32) -> Candidates:
    y, x = np.mgrid[:64, :64]
    logits = (3 * (12 - np.hypot(x - 30, y - 33))).astype(dtype)
    count = len(stability)
    return Candidates(
        np.stack([logits] * count),
        np.arange(count),
        np.ones(count, np.float32),
        np.array(stability, np.float32),
    )


def test_only_what_is_near_the_threshold_is_measured_again() -> None:
    candidates = _candidates([0.5, 0.93, 0.99])
    found = stability_scores(candidates, 0.95, 320, 200)
    whole = cv2.resize(candidates.logits[1], (320, 200), interpolation=cv2.INTER_LINEAR)
    expected = (whole > 1).sum() / (whole > -1).sum()
    assert found[[0]].tolist() == candidates.stability[[0]].tolist()
    assert np.allclose(found[1:2], expected, atol=1e-4)


def test_without_a_threshold_or_float_logits_nothing_is_measured() -> None:
    assert stability_scores(_candidates([0.01]), 0.0, 320, 200).tolist() == np.float32([0.01]).tolist()
    assert (
        stability_scores(_candidates([0.95], np.int8), 0.95, 320, 200).tolist() == np.float32([0.95]).tolist()
    )


def _propose(workers: int, candidate_filter: CandidateFilter | None = None):
    segmenter = DiscSegmenter()
    embedding = segmenter.encode(np.zeros((96, 160, 3), np.uint8))
    prompts = point_grid_prompts(160, 96, 8)
    found = decode_and_filter(
        segmenter, embedding, prompts, ThreadWorkerPool(workers), candidate_filter or CandidateFilter()
    )
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
    assert len(_propose(2, CandidateFilter(quality=0.8))[1]) == 64
    assert len(_propose(2, CandidateFilter(stability=0.75))[1]) == 128
    assert len(_propose(2, CandidateFilter(area=0.2))[1]) < 64
    assert len(_propose(2, CandidateFilter(quality=0.95))[1]) == 0
    assert (
        len(_propose(2, CandidateFilter(max_area=0.2))[1]) + len(_propose(2, CandidateFilter(area=0.2))[1])
        == 192
    )


def test_equal_masks_count_once_with_their_best_quality() -> None:
    segmenter = DiscSegmenter()
    embedding = segmenter.encode(np.zeros((96, 160, 3), np.uint8))
    prompts = point_grid_prompts(160, 96, 1) * 40
    found = decode_and_filter(segmenter, embedding, prompts, ThreadWorkerPool(2), CandidateFilter())
    assert len(found) == 3
    assert found.quality.tolist() == np.array([0.9, 0.7, 0.5], np.float32).tolist()


def test_equal_masks_stay_if_asked() -> None:
    segmenter = DiscSegmenter()
    embedding = segmenter.encode(np.zeros((96, 160, 3), np.uint8))
    prompts = point_grid_prompts(160, 96, 1) * 40
    candidate_filter = CandidateFilter(allow_duplicates=True)
    assert len(decode_and_filter(segmenter, embedding, prompts, ThreadWorkerPool(2), candidate_filter)) == 120


def test_what_is_kept_is_the_mask_with_a_margin() -> None:
    logits = squares((3, 5, 9, 20), (0, 0, 100, 100))
    found = shortlist(logits)
    assert [crop.shape for crop in found.crops] == [(17, 8), (100, 100)]
    assert found.corners.tolist() == [[4, 2], [0, 0]]
    assert np.array_equal(found.crops[0], logits[0, 4:21, 2:10])
    assert found.limit_bytes(found.crops[0].nbytes + found.bits[0].nbytes).keys == found.keys[:1]
