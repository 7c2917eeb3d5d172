"""Reports on a running request: times its stages, logs its steps, and checks for cancellation."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)

ProgressListener = Callable[[str, int, int, str], None]
"""A callback that receives stage, done, total and the message of each step."""

CancelCheck = Callable[[], None]
"""A callback between pieces of work that raises when the work has been cancelled."""


def ignore(*_args: object) -> None:
    """Do nothing; the default of every callback."""


class Progress:
    """Stages and steps of one request.

    Args:
        listener: Receives every step.
        check: Raises when the work has been cancelled; it is called between pieces of work, by many threads.
    """

    def __init__(self, listener: ProgressListener = ignore, check: CancelCheck = ignore) -> None:
        self._listener = listener
        self.check = check
        self._timings_ms: dict[str, float] = {}
        self._inner_ms = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the body as stage `name`; the times of a stage that is entered twice add up.

        The time of a stage inside another one counts for the inner stage only. All stages are entered by the
        one thread of the request.

        Raises:
            Exception: The check raised because the work has been cancelled.
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


class PartProgress(Progress):
    """Progress of one part of a request, such as a crop of the image, which the whole request receives.

    Args:
        whole: Progress of the request.
        name: Name of the part, which begins the messages of its steps.
        before: Amount of work that the parts before it have done.
        total: Amount of work of all parts.
    """

    def __init__(self, whole: Progress, name: str, before: int, total: int) -> None:
        super().__init__(check=whole.check)
        self._whole = whole
        self._name = name
        self._before = before
        self._total = total

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the body as stage `name` of the request."""
        with self._whole.stage(name):
            yield

    def step(self, stage: str, done: int, total: int, message: str) -> None:  # noqa: ARG002 - of all parts
        """Report that the part has done `done`, as a step of the request."""
        self._whole.step(stage, self._before + done, self._total, f"{self._name}: {message}")

    @property
    def timings_ms(self) -> dict[str, float]:
        """Milliseconds by stage of the request so far, and their sum as `total`."""
        return self._whole.timings_ms
