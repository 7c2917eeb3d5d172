"""What the embedded depth adapter promises about shapes, types and neighbours."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from domain.arrays import Rgb
from domain.depth import DepthMap
from models.depth_lite.estimator import MAX_SIDE_PX, STRIDE_PX, DepthLiteEstimator, resize_for_depth


@pytest.fixture(scope="module")
def pictures() -> list[Rgb]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 255, (60 + 20 * n, 130 - 10 * n, 3), np.uint8) for n in range(6)]


@pytest.mark.parametrize("shape", [(1, 1), (16, 16), (16, 4000), (4000, 16), (33, 47), (700, 900)])
@pytest.mark.parametrize("noisy", [False, True])
def test_any_size_is_answered_in_its_own_size(
    depth: DepthLiteEstimator, shape: tuple[int, int], noisy: bool
) -> None:
    grey = np.full((*shape, 3), 128, np.uint8)
    noise = np.random.default_rng(0).integers(0, 255, grey.shape, np.uint8)
    found = depth.estimate(noise if noisy else grey)
    assert found.kind == "relative"
    assert found.values.shape == shape
    assert found.values.dtype == np.float32
    assert not found.values.flags.writeable


@pytest.mark.parametrize("shape", [(1, 1), (16, 4000), (480, 640), (3000, 4000), (2000, 17)])
def test_the_network_sees_bounded_multiples_of_its_stride(shape: tuple[int, int]) -> None:
    rows, columns, _ = resize_for_depth(np.zeros((*shape, 3), np.uint8)).shape
    assert rows % STRIDE_PX == columns % STRIDE_PX == 0
    assert STRIDE_PX <= min(rows, columns) <= max(rows, columns) <= MAX_SIDE_PX


def test_an_answer_depends_on_its_picture_alone(depth: DepthLiteEstimator, pictures: list[Rgb]) -> None:
    alone = [depth.estimate(rgb).values for rgb in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = [found.values for found in pool.map(depth.estimate, pictures * 3)]
    for number, values in enumerate(together):
        np.testing.assert_array_equal(values, alone[number % len(pictures)])


def test_the_picture_is_left_alone(depth: DepthLiteEstimator, pictures: list[Rgb]) -> None:
    before = pictures[0].copy()
    depth.estimate(pictures[0])
    np.testing.assert_array_equal(pictures[0], before)


def test_nothing_is_kept_from_call_to_call(depth: DepthLiteEstimator, pictures: list[Rgb]) -> None:
    depth.estimate(pictures[0])
    tracemalloc.start()
    for rgb in pictures:
        depth.estimate(rgb)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 64_000


def test_other_arrays_are_refused(depth: DepthLiteEstimator) -> None:
    with pytest.raises(ValueError, match="expected rgb"):
        depth.estimate(np.zeros((20, 20), np.uint8))


def test_a_depth_map_checks_its_values() -> None:
    with pytest.raises(ValueError, match=r"expected values \[None, None\]"):
        DepthMap(np.zeros(3, np.float32), "relative")
    with pytest.raises(ValueError, match="float32"):
        DepthMap(np.zeros((2, 2)), "relative")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="finite"):
        DepthMap(np.full((2, 2), np.nan, np.float32), "relative")
