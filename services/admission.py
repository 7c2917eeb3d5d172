"""Bounds the load: a number of requests compute, a number wait in a queue, and the rest are refused."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import Overloaded
from services.progress import CancelCheck

SLOT_POLL_S = 0.1
"""Seconds between two checks for cancellation while a job waits for a slot."""


class Admission:
    """Gate in front of the heavy work of a process.

    Args:
        running: Number of requests and job items that may compute at once.
        waiting: Number of further requests that may wait for a slot: the bound of the queue.
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
        """Number of requests that compute or wait now."""
        return self._in_flight

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Wait for a slot and hold it during the body.

        Raises:
            Overloaded: The queue is full; the error has the seconds after which a retry has a fair chance.
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
    def turn(self, check: CancelCheck) -> Iterator[None]:
        """Wait for a slot like a request, but without being counted: jobs have their own queue.

        Args:
            check: Raises when the work has been cancelled; it is called every SLOT_POLL_S while waiting.

        Raises:
            Exception: The check raised.
        """
        while not self._slots.acquire(timeout=SLOT_POLL_S):
            check()
        try:
            yield
        finally:
            self._slots.release()

    def _join(self) -> None:
        """Count a request as in flight, or refuse it if the queue is full."""
        with self._lock:
            if self._in_flight >= self._running + self._waiting:
                rounds = self._in_flight / self._running
                raise Overloaded(
                    f"{self._waiting} requests are waiting, which is the limit; try again later",
                    max(1, math.ceil(rounds * self._mean_run_s)),
                )
            self._in_flight += 1
