"""Threads of this process; the work itself (OpenCV, numpy, ONNX Runtime) releases the GIL."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import chain, islice

from domain.masks import Candidates, Embedding, Prompt
from domain.ports.compute import R, T, WorkerPool
from domain.ports.models import ModelProvider, Segmenter

IN_FLIGHT_PER_WORKER = 2
"""Number of items that one `map` has in flight per worker: workers stay busy, and results do not pile up."""


class ThreadWorkerPool:
    """The helper `WorkerPool` over one ThreadPoolExecutor that all request threads share.

    Args:
        workers: Number of threads.

    Raises:
        ValueError: There is less than one worker.
    """

    def __init__(self, workers: int) -> None:
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="worker")
        self._workers = workers

    @property
    def workers(self) -> int:
        """Number of functions that run at once."""
        return self._workers

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield the results in the order of `items`, each as soon as it and all before it are done.

        Nothing starts before the first result is requested, and `items` is read in the caller's thread, only
        a few items ahead. When a call raises, or the caller stops early, pending calls are cancelled and
        running ones are waited for. `function` must not call `map` of the same pool, since all threads could
        then wait for each other.

        Raises:
            Exception: `function` or `items` raised it.
        """
        pending: deque[Future[R]] = deque()
        source = iter(items)
        try:
            while True:
                room = IN_FLIGHT_PER_WORKER * self._workers - len(pending)
                pending.extend(self._executor.submit(function, item) for item in islice(source, room))
                if not pending:
                    return
                yield pending.popleft().result()
        finally:
            wait([future for future in pending if not future.cancel()])

    def shutdown(self) -> None:
        """Cancel pending calls, wait for running ones, and end the threads."""
        self._executor.shutdown(cancel_futures=True)


class ThreadDecoder:
    """The port `Decoder` over the segmenter of this process and its threads.

    Args:
        provider: Gives the segmenter that decodes.
        pool: Decodes batches side by side.
    """

    def __init__(self, provider: ModelProvider[Segmenter], pool: WorkerPool) -> None:
        self._provider = provider
        self._pool = pool

    def decode_all(
        self,
        embedding: Embedding,
        batches: Iterable[Sequence[Prompt]],
        quality_threshold: float,
        check: Callable[[], None] = lambda: None,
    ) -> Iterator[Candidates]:
        """Yield the candidates of each batch, in the order of the batches.

        A single batch is decoded in the caller's thread, so that a click does not wait for the grids of
        other requests.

        Raises:
            ModelUnavailable: The segmenter cannot be loaded.
        """
        segmenter, source = self._provider.get(), iter(batches)

        def decode(batch: Sequence[Prompt]) -> Candidates:
            check()
            return segmenter.decode(embedding, batch, quality_threshold)

        head = [*islice(source, 2)]
        return map(decode, head) if len(head) < 2 else self._pool.map(decode, chain(head, source))
