"""A worker pool of threads in this process; the work itself (OpenCV, numpy, ONNX Runtime) leaves the GIL."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

IN_FLIGHT_PER_WORKER = 2
"""Items one `map` has in flight per worker: all are kept busy, and results never pile up."""


class ThreadWorkerPool:
    """The port `WorkerPool` over one ThreadPoolExecutor that all request threads share.

    Args:
        workers: Threads.

    Raises:
        ValueError: Fewer than one worker.
    """

    def __init__(self, workers: int) -> None:
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="worker")
        self._workers = workers

    @property
    def workers(self) -> int:
        """How many run at once."""
        return self._workers

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Results in the order of `items`, each as soon as it and all before it are done.

        Lazy: nothing starts before the first result is asked for, and `items` is read only a few ahead.
        When one raises, or the caller stops early, what has not started never does, and what runs
        is waited for. `function` must not call `map` of the same pool.

        Raises:
            Exception: Whatever `function` or `items` raised.
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
        """Wait for what runs, drop what waits, end the threads."""
        self._executor.shutdown(cancel_futures=True)
