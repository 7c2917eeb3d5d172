"""Labelling in batches keeps the order, reports unreadable files, and holds few images in memory."""

import threading
import weakref
from collections.abc import Iterator

import pytest

from adapters.threads import ThreadWorkerPool
from domain.arrays import Floats, Rgb
from domain.errors import InvalidImage
from domain.labels import LabelPrediction
from domain.models import ModelInfo, TextPrompting
from services.images.limits import ImageLimits
from services.labels.confidence import LabelOptions
from services.vocabularies.parse import vocabulary_from_list
from tests.fakes import ColorEncoder
from tests.unit.tools.categorize.fakes import batch_labeller, paint
from tools.categorize.labelling import UnreadableFile
from tools.categorize.types import PhotoFile

OPTIONS = LabelOptions(vocabulary_from_list(["red", "green", "blue"]))


@pytest.fixture
def pool() -> Iterator[ThreadWorkerPool]:
    threads = ThreadWorkerPool(3)
    yield threads
    threads.shutdown()


def files(count: int) -> list[PhotoFile]:
    return [PhotoFile(f"{number:04}", 10, 0) for number in range(count)]


def test_answers_come_in_order_and_in_batches(pool: ThreadWorkerPool) -> None:
    encoder, colors = ColorEncoder(), ("red", "green", "blue")
    found = batch_labeller(pool, encoder).label_files(
        files(47), lambda file: colors[int(file.path) % 3].encode(), OPTIONS, False
    )
    answers = [
        (one.file.path, one.result.chosen.label) for one in found if isinstance(one.result, LabelPrediction)
    ]
    assert answers == [(f"{number:04}", colors[number % 3]) for number in range(47)]
    assert encoder.batches == [10, 10, 10, 10, 7]


def test_unreadable_files_are_reported_and_stop_nothing(pool: ThreadWorkerPool) -> None:
    def read(data: bytes, limits: ImageLimits) -> Rgb:
        if data == b"broken":
            raise InvalidImage("no pixels")
        return paint(data, limits)

    def load(file: PhotoFile) -> bytes:
        if file.path == "0003":
            raise PermissionError(13, "Permission denied")
        return b"broken" if file.path == "0001" else b"red"

    some = [*files(5), PhotoFile("large", 2_000, 0)]
    found = {
        one.file.path: one.result
        for one in batch_labeller(pool, read=read).label_files(some, load, OPTIONS, False)
    }
    assert found["0001"] == UnreadableFile("no pixels")
    assert found["0003"] == UnreadableFile("could not be read: Permission denied", permanent=False)
    assert isinstance(found["large"], UnreadableFile)
    assert "at most 1,000 bytes, got 2,000" in found["large"].reason
    assert [path for path, answer in found.items() if isinstance(answer, LabelPrediction)] == [
        "0000",
        "0002",
        "0004",
    ]


@pytest.mark.parametrize("batch", [1, 4, 12])
def test_few_images_are_in_memory_however_many_there_are(pool: ThreadWorkerPool, batch: int) -> None:
    class Encoder(ColorEncoder):
        prompting = TextPrompting(("{}",), "crop", batch)

    lock, alive, most = threading.Lock(), 0, 0

    def gone() -> None:
        nonlocal alive
        with lock:
            alive -= 1

    def read(data: bytes, limits: ImageLimits) -> Rgb:
        nonlocal alive, most
        rgb = paint(data, limits)
        with lock:
            alive += 1
            most = max(most, alive)
        weakref.finalize(rgb, gone)
        return rgb

    found = batch_labeller(pool, Encoder(), read).label_files(files(400), lambda _: b"red", OPTIONS, True)
    assert sum(one.thumbnail is not None for one in found) == 400
    assert most <= 2 * batch + 2 * max(batch, pool.workers) + pool.workers
    assert alive == 0


def test_an_encoder_that_takes_one_core_encodes_several_batches_at_once(pool: ThreadWorkerPool) -> None:
    both = threading.Barrier(2, timeout=30)

    class Paired(ColorEncoder):
        prompting = TextPrompting(("{}",), "crop", 1, single_threaded=True)

        def encode_images(self, crops: list[Rgb]) -> Floats:  # type: ignore[override]
            both.wait()
            return super().encode_images(crops)

    colors = ("red", "green", "blue")
    found = batch_labeller(pool, Paired()).label_files(
        files(12), lambda file: colors[int(file.path) % 3].encode(), OPTIONS, False
    )
    answers = [one.result.chosen.label for one in found if isinstance(one.result, LabelPrediction)]
    assert answers == [*colors] * 4


def test_decoding_continues_while_the_network_runs(pool: ThreadWorkerPool) -> None:
    ahead = threading.Event()

    class Encoder(ColorEncoder):
        info = ModelInfo("waits", "4" * 64)

        def encode_images(self, crops: list[Rgb]) -> Floats:  # type: ignore[override]
            assert ahead.wait(30), "nothing was decoded meanwhile"
            return super().encode_images(crops)

    def load(file: PhotoFile) -> bytes:
        if int(file.path) >= Encoder.prompting.batch_size:
            ahead.set()
        return b"red"

    assert len(list(batch_labeller(pool, Encoder()).label_files(files(40), load, OPTIONS, False))) == 40


def test_nothing_to_label(pool: ThreadWorkerPool) -> None:
    assert list(batch_labeller(pool).label_files([], lambda _: b"", OPTIONS, True)) == []
