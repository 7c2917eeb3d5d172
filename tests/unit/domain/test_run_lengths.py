"""Tests of run lengths: decoding as pycocotools does, checks, and coverage of cells."""

import tracemalloc

import cv2
import numpy as np
import pytest

from domain.arrays import Floats, Mask
from domain.masks import Rle
from domain.run_lengths import check_run_lengths, decompress_counts, mask_coverage
from services.masks.formats import encode_rle


def blobs(height: int, width: int, seed: int = 0) -> Mask:
    noise = np.random.default_rng(seed).normal(size=(height, width)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 2)) > 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (40, 3000), (3000, 4), (64, 48)])
def test_counts_are_those_of_the_mask(shape: tuple[int, int]) -> None:
    mask = blobs(*shape)
    mask[-1, -1] = True
    runs = decompress_counts(encode_rle(mask).counts)
    assert np.array_equal(np.repeat(np.arange(len(runs)) % 2, runs).reshape(shape[::-1]).T, mask)
    check_run_lengths(runs, *shape)


@pytest.mark.parametrize("text", ["", "o", "a b", "é", "\ud800", "p0", "0" * 2_000_001, "oooooooo0"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        decompress_counts(text)


@pytest.mark.parametrize(
    ("runs", "words"),
    [([12], "empty"), ([3, 4], "sum 3 x 4, not 7"), ([-3, 15], "from 0"), ([0, 2**60, 12], "from 0")],
)
def test_runs_of_another_mask_are_refused(runs: list[int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_run_lengths(np.array(runs, np.int64), 3, 4)


def shares(size: int, cells: int) -> Floats:
    """Return how much of each cell each of `size` pixels is, [cells, size]."""
    edges, pixels = np.linspace(0, size, cells + 1), np.arange(size)
    ends = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.clip(ends, 0, None) * cells / size


@pytest.mark.parametrize(
    ("shape", "grid"),
    [((48, 64), (48, 64)), ((37, 53), (256, 256)), ((300, 40), (7, 9)), ((16, 9000), (16, 512))],
)
def test_coverage_is_the_mean_over_each_cell(shape: tuple[int, int], grid: tuple[int, int]) -> None:
    mask = blobs(*shape)
    expected = shares(shape[0], grid[0]) @ mask @ shares(shape[1], grid[1]).T
    np.testing.assert_allclose(mask_coverage(encode_rle(mask), *grid), expected, atol=1e-6)


def test_a_huge_mask_needs_little_memory() -> None:
    # Counts of a mask of 30,000 x 40,000 pixels that is on in its second half.
    rle = Rle(30_000, 40_000, _compressed([600_000_000, 600_000_000]))
    tracemalloc.start()
    coverage = mask_coverage(rle, 3, 4)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert coverage.tolist() == [[0, 0, 1, 1]] * 3
    assert peak < 4_000_000


def _compressed(runs: list[int]) -> str:
    text = ""
    for run in runs:
        while run >= 16:
            text += chr(48 + (run & 31 | 32))
            run >>= 5
        text += chr(48 + run)
    return text
