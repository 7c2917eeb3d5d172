"""A cache in this process's memory: bounded by bytes, least recently used goes first, single flight."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import TypeVar, cast

from cachetools import LRUCache

from domain.ports.stores import SizedInBytes

ENTRY_OVERHEAD_BYTES = 1024
"""What an entry takes beside its value: the key and the cache's own records. Values may be empty."""

POLL_INTERVAL_S = 0.1
"""How often a thread that waits for another's value asks whether it still wants it."""

S = TypeVar("S", bound=SizedInBytes)


class ByteBudgetCache:
    """The port `Cache` over cachetools' LRUCache, behind a lock that is never held while computing.

    While one thread computes a key, others that ask for it wait for its value; other keys go on. When the
    computation raises, only its own caller sees the error, and one of the waiters computes anew: what made
    one request fail (cancelled, out of time) must not fail another. `compute` must not ask for its own key.

    Args:
        max_bytes: Sum of the values' `nbytes` and of ENTRY_BYTES each at most; a value above it is returned
            and not kept.
    """

    def __init__(self, max_bytes: int) -> None:
        self._values: LRUCache[Hashable, SizedInBytes] = LRUCache(max_bytes, _entry_bytes)
        self._computing: dict[Hashable, Future[SizedInBytes | None]] = {}
        self._lock = threading.Lock()
        self._hits = 0
        self._misses = 0

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return int(self._values.currsize)

    @property
    def hits(self) -> int:
        """Calls answered without computing; a call that waited for another's value is one."""
        return self._hits

    @property
    def misses(self) -> int:
        """Calls that computed."""
        return self._misses

    def get_or_compute(
        self, key: Hashable, compute: Callable[[], S], check: Callable[[], None] = lambda: None
    ) -> S:
        """The value under `key`; computed now if it is not there, or by whoever computes it already.

        Raises:
            Exception: Whatever `compute` raised; nothing is kept then. Or what `check` raised while waiting.
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

    def _claim(self, key: Hashable) -> tuple[Future[SizedInBytes | None], bool]:
        """A promise of the value, and whether the caller has to fulfil it."""
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
                del self._computing[key]
                if value is not None and _entry_bytes(value) <= self._values.maxsize:
                    self._values[key] = value
            promise.set_result(value)  # None tells the waiters that it failed


def _entry_bytes(value: SizedInBytes) -> int:
    return value.nbytes + ENTRY_OVERHEAD_BYTES


def _wait_for_value(promise: Future[SizedInBytes | None], check: Callable[[], None]) -> SizedInBytes | None:
    """What is promised, once it is there."""
    while True:
        try:
            return promise.result(POLL_INTERVAL_S)
        except TimeoutError:
            check()
