"""Looks through damage: the views go to the encoder in batches that suit it."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from skimage import data

from adapters.threads import ThreadWorkerPool
from domain.arrays import Floats, Rgb
from domain.models import TextPrompting
from services.classify.robust import encode_restored_views
from services.images.photo import Photo
from services.progress import Progress
from tests.fakes import ColorEncoder
from tools.benchmarks.damage import noisy, scaled


class Batched(ColorEncoder):
    """Takes so many pictures at a time; remembers which threads called."""

    def __init__(self, size: int, single_threaded: bool) -> None:
        super().__init__()
        self.prompting = TextPrompting(("{}",), "crop", size, single_threaded=single_threaded)
        self.threads: set[str] = set()

    def encode_images(self, crops: Sequence[Rgb]) -> Floats:
        self.threads.add(threading.current_thread().name)
        return super().encode_images(crops)


@pytest.fixture
def grainy() -> Rgb:
    return noisy(scaled(data.astronaut(), 256), 20)  # three views


@pytest.mark.parametrize(("size", "batches"), [(1, [1, 1, 1]), (2, [1, 2]), (10, [3])])
@pytest.mark.parametrize("single_threaded", [True, False])
def test_views_are_encoded_in_batches(
    grainy: Rgb, size: int, batches: list[int], single_threaded: bool
) -> None:
    encoder, photo = Batched(size, single_threaded), Photo.of(grainy, "grainy")
    seen = encode_restored_views(photo, encoder, ThreadWorkerPool(2), Progress())
    assert sorted(encoder.batches) == batches
    assert (threading.current_thread().name in encoder.threads) is not single_threaded
    whole = encode_restored_views(photo, Batched(10, False), ThreadWorkerPool(2), Progress())
    assert np.array_equal(seen.image_vectors.vectors, whole.image_vectors.vectors)
    assert seen.quality == whole.quality
    assert seen.nbytes == seen.image_vectors.vectors.nbytes + seen.image_vectors.reject_similarities.nbytes


def test_a_clean_photograph_is_looked_at_once() -> None:
    encoder, clean = ColorEncoder(), scaled(data.astronaut(), 256)
    seen = encode_restored_views(Photo.of(clean, "clean"), encoder, ThreadWorkerPool(2), Progress())
    assert encoder.batches == [1]
    assert np.array_equal(seen.image_vectors.vectors, encoder.encode_images([clean]))
