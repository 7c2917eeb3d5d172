"""Cache in the memory of this process: bounded by bytes, least recently used, single flight."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import TypeVar, cast

from cachetools import LRUCache

from domain.ports.stores import SizedInBytes

ENTRY_OVERHEAD_BYTES = 1024
"""Bytes of an entry besides its value: the key and the cache's own records. Values may be empty."""

POLL_INTERVAL_S = 0.1
"""Seconds between two calls of `check` while a thread waits for the value of another one."""

S = TypeVar("S", bound=SizedInBytes)


class ByteBudgetCache:
    """The port `Cache` over cachetools' LRUCache, behind a lock that is not held while a value is computed.

    While one thread computes a key, others that need it wait for its value; other keys are not blocked. When
    the computation raises, only its own caller gets the error, and one of the waiting threads tries again:
    a failure of one request (cancelled, out of time) must not fail another. `compute` must not request its
    own key.

    Args:
        max_bytes: Limit of the sum of the values' `nbytes` and ENTRY_OVERHEAD_BYTES each; a larger value is
            returned and not kept.
    """

    def __init__(self, max_bytes: int) -> None:
        self._values: LRUCache[Hashable, SizedInBytes] = LRUCache(max_bytes, _entry_bytes)
        self._computing: dict[Hashable, Future[SizedInBytes | None]] = {}
        self._lock = threading.Lock()
        self._hits = 0
        self._misses = 0

    @property
    def nbytes(self) -> int:
        """Bytes of all entries."""
        return int(self._values.currsize)

    @property
    def hits(self) -> int:
        """Number of calls without a computation; calls that waited for the value of another thread count."""
        return self._hits

    @property
    def misses(self) -> int:
        """Number of calls that computed their value."""
        return self._misses

    def get_or_compute(
        self, key: Hashable, compute: Callable[[], S], check: Callable[[], None] = lambda: None
    ) -> S:
        """Return the value under `key`, computed now or by the thread that computes it already.

        Raises:
            Exception: `compute` raised it, and nothing is kept; or `check` raised it while waiting.
        """
        while True:
            promise, is_owner = self._claim(key)
            if is_owner:
                return self._fill(key, promise, compute)
            value = _wait_for_value(promise, check)
            if value is not None:
                with self._lock:
                    self._hits += 1
                return cast(S, value)

    def remove(self, part: str) -> None:
        """Delete the values whose keys are tuples that contain `part`, at any depth."""
        with self._lock:
            for entries in (self._values, self._computing):
                for key in [key for key in entries if _contains(key, part)]:
                    del entries[key]

    def _claim(self, key: Hashable) -> tuple[Future[SizedInBytes | None], bool]:
        """Return a promise of the value, and whether the caller has to fulfil it."""
        with self._lock:
            promise = self._computing.get(key)
            if promise is not None:
                return promise, False
            promise = Future()
            if key in self._values:
                promise.set_result(self._values[key])
                return promise, False
            self._computing[key] = promise
            self._misses += 1
            return promise, True

    def _fill(self, key: Hashable, promise: Future[SizedInBytes | None], compute: Callable[[], S]) -> S:
        value: S | None = None
        try:
            value = compute()
            return value
        finally:
            with self._lock:
                removed = self._computing.get(key) is not promise
                if not removed:
                    del self._computing[key]
                if value is not None and not removed and _entry_bytes(value) <= self._values.maxsize:
                    self._values[key] = value
            promise.set_result(value)  # None means failure to waiting threads.


def _contains(key: Hashable, part: str) -> bool:
    return key == part or (isinstance(key, tuple) and any(_contains(item, part) for item in key))


def _entry_bytes(value: SizedInBytes) -> int:
    return value.nbytes + ENTRY_OVERHEAD_BYTES


def _wait_for_value(promise: Future[SizedInBytes | None], check: Callable[[], None]) -> SizedInBytes | None:
    """Wait for the promised value; None if its computation failed."""
    while True:
        try:
            return promise.result(POLL_INTERVAL_S)
        except TimeoutError:
            check()
