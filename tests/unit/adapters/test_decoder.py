"""Tests of the decoder of threads: order, batches, plain data."""

import pickle
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from adapters.threads import ThreadDecoder, ThreadWorkerPool
from domain.batches import batched
from domain.errors import ModelUnavailable
from domain.masks import Candidates, Embedding, Prompt
from models.provider import LazyModel
from services.masks.grid import point_grid_prompts
from tests.fakes import DiscSegmenter


@pytest.fixture
def pool() -> Iterator[ThreadWorkerPool]:
    pool = ThreadWorkerPool(2)
    yield pool
    pool.shutdown()


def _embedding(segmenter: DiscSegmenter) -> Embedding:
    return segmenter.encode(np.zeros((96, 160, 3), np.uint8))


def _decoder(segmenter: DiscSegmenter, pool: ThreadWorkerPool) -> ThreadDecoder:
    return ThreadDecoder(LazyModel(segmenter.info, lambda: segmenter), pool)


@pytest.mark.parametrize("count", [0, 1, 2, 33])
def test_each_batch_has_its_result_in_order(pool: ThreadWorkerPool, count: int) -> None:
    segmenter = DiscSegmenter()
    embedding, prompts = _embedding(segmenter), point_grid_prompts(160, 96, 6)[:count]
    found = list(_decoder(segmenter, pool).decode_all(embedding, batched(prompts, 1), 0.6))
    expected = [segmenter.decode(embedding, [prompt], 0.6) for prompt in prompts]
    assert [each.logits.tobytes() for each in found] == [each.logits.tobytes() for each in expected]
    assert all(each.quality.min() >= 0.6 for each in found)


def test_a_single_batch_is_decoded_by_the_caller(pool: ThreadWorkerPool) -> None:
    threads: list[threading.Thread] = []

    class Watched(DiscSegmenter):
        def decode(self, *args: object) -> Candidates:
            threads.append(threading.current_thread())
            return super().decode(*args)  # type: ignore[arg-type]

    segmenter = Watched()
    decoder, embedding = _decoder(segmenter, pool), _embedding(segmenter)
    prompts = point_grid_prompts(160, 96, 2)
    list(decoder.decode_all(embedding, [prompts], 0.0))
    assert threads == [threading.current_thread()]
    list(decoder.decode_all(embedding, [prompts, prompts], 0.0))
    assert threading.current_thread() not in threads[1:]


def test_an_error_of_the_batches_ends_the_decoding(pool: ThreadWorkerPool) -> None:
    def batches() -> Iterator[list[Prompt]]:
        for _ in range(5):
            yield point_grid_prompts(160, 96, 1)
        raise KeyError("batches")

    segmenter = DiscSegmenter()
    with pytest.raises(KeyError, match="batches"):
        list(_decoder(segmenter, pool).decode_all(_embedding(segmenter), batches(), 0.0))
    assert len(segmenter.batches) <= 5


def test_without_a_segmenter_there_is_an_error(pool: ThreadWorkerPool) -> None:
    def load() -> DiscSegmenter:
        raise ModelUnavailable("no weights")

    decoder = ThreadDecoder(LazyModel(DiscSegmenter.info, load), pool)
    with pytest.raises(ModelUnavailable, match="no weights"):
        list(decoder.decode_all(_embedding(DiscSegmenter()), [], 0.0))


def test_arguments_and_results_survive_pickling(pool: ThreadWorkerPool) -> None:
    segmenter = DiscSegmenter()
    decoder, embedding = _decoder(segmenter, pool), _embedding(segmenter)
    prompts = [
        *point_grid_prompts(160, 96, 2),
        Prompt(np.zeros((0, 2)), np.zeros(0, np.int64), np.arange(4.0)),
    ]
    sent = pickle.loads(pickle.dumps((embedding, prompts, 0.6)))
    (there,) = decoder.decode_all(sent[0], [sent[1]], sent[2])
    (here,) = decoder.decode_all(embedding, [prompts], 0.6)
    received: Candidates = pickle.loads(pickle.dumps(there))
    for name in ("logits", "prompt_index", "quality", "stability"):
        assert np.array_equal(getattr(received, name), getattr(here, name))
