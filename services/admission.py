"""Lets a bounded number of requests compute, a bounded number wait, and refuses the rest."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from domain.errors import Overloaded

SLOT_POLL_S = 0.1
"""How often work that waits for its turn is asked whether it is still wanted."""


class Admission:
    """A gate in front of heavy work.

    Args:
        running: How many may compute at once.
        waiting: How many more may wait.
    """

    def __init__(self, running: int, waiting: int) -> None:
        self._running = running
        self._waiting = waiting
        self._slots = threading.Semaphore(running)
        self._lock = threading.Lock()
        self._in_flight = 0
        self._mean_run_s = 1.0

    @property
    def in_flight(self) -> int:
        """Requests that compute or wait now."""
        return self._in_flight

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Wait for a slot and hold it.

        Raises:
            Overloaded: As many wait already as may.
        """
        self._join()
        try:
            with self._slots:
                start = time.monotonic()
                yield
                self._mean_run_s = 0.8 * self._mean_run_s + 0.2 * (time.monotonic() - start)
        finally:
            with self._lock:
                self._in_flight -= 1

    @contextmanager
    def turn(self, check: Callable[[], None]) -> Iterator[None]:
        """Wait for a slot among the requests and hold it, uncounted: for work with a queue of its own.

        Raises:
            Exception: What `check` raised, which is asked again and again while waiting.
        """
        while not self._slots.acquire(timeout=SLOT_POLL_S):
            check()
        try:
            yield
        finally:
            self._slots.release()

    def _join(self) -> None:
        with self._lock:
            if self._in_flight >= self._running + self._waiting:
                rounds = self._in_flight / self._running
                raise Overloaded(
                    f"{self._waiting} requests are waiting already, the most that may; try again later",
                    max(1, math.ceil(rounds * self._mean_run_s)),
                )
            self._in_flight += 1
