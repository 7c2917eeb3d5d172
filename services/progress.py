"""Tells how far a request is: times its stages, logs them, and passes them on."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)

ProgressListener = Callable[[str, int, int, str], None]
"""Called with stage, done, total and the message."""

CancelCheck = Callable[[], None]
"""Called between pieces of work; raises where the caller does not want the rest."""


def ignore_step(_stage: str, _done: int, _total: int, _message: str) -> None:
    """The listener of callers who do not listen."""


def ignore_check() -> None:
    """The check of callers who always want the rest."""


class Progress:
    """Stages of one request.

    Args:
        listener: Hears of every step.
        check: Asked between pieces of work, by many threads, whether to go on.
    """

    def __init__(self, listener: ProgressListener = ignore_step, check: CancelCheck = ignore_check) -> None:
        self._listener = listener
        self.check = check
        self._timings_ms: dict[str, float] = {}
        self._inner_ms = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside as stage `name`; a stage entered twice adds up.

        A stage inside another counts for itself only. All are entered by the one thread of the request.

        Raises:
            Exception: What the check raises when the work is not wanted any more.
        """
        self.check()
        before, self._inner_ms = self._inner_ms, 0.0
        start = time.perf_counter()
        try:
            yield
        finally:
            elapsed = (time.perf_counter() - start) * 1e3
            self._timings_ms[name] = self._timings_ms.get(name, 0.0) + elapsed - self._inner_ms
            self._inner_ms = before + elapsed

    def step(self, stage: str, done: int, total: int, message: str) -> None:
        """Report that `done` of `total` is reached, and log `message`."""
        logger.info(message)
        self._listener(stage, done, total, message)

    @property
    def timings_ms(self) -> dict[str, float]:
        """Milliseconds by stage, and their sum as `total`."""
        rounded = {name: round(value, 1) for name, value in self._timings_ms.items()}
        return {**rounded, "total": round(sum(self._timings_ms.values()), 1)}
