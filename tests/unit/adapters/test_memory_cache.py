"""Tests of the cache in memory: byte budget, least recently used first, single flight."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from adapters.memory_cache import ENTRY_OVERHEAD_BYTES, ByteBudgetCache


@dataclass(frozen=True)
class Blob:
    """Value of a given size."""

    nbytes: int
    name: str = ""


def never() -> Blob:
    raise AssertionError("computed again")


def keep(cache: ByteBudgetCache, key: Hashable, nbytes: int) -> Blob:
    return cache.get_or_compute(key, lambda: Blob(nbytes, key))


def test_a_value_is_computed_once() -> None:
    cache = ByteBudgetCache(10 * ENTRY_OVERHEAD_BYTES)
    value = keep(cache, "a", 10)
    assert cache.get_or_compute("a", never) is value
    assert (cache.nbytes, cache.hits, cache.misses) == (10 + ENTRY_OVERHEAD_BYTES, 1, 1)


def test_the_least_recently_used_goes_first() -> None:
    cache = ByteBudgetCache(10 * ENTRY_OVERHEAD_BYTES)
    size = 2 * ENTRY_OVERHEAD_BYTES
    for key in "abc":
        keep(cache, key, size)
    cache.get_or_compute("a", never)
    keep(cache, "d", size)
    assert cache.nbytes == 3 * (size + ENTRY_OVERHEAD_BYTES)
    for key in "acd":
        cache.get_or_compute(key, never)
    with pytest.raises(AssertionError, match="again"):
        cache.get_or_compute("b", never)


def test_the_budget_holds_for_any_sizes() -> None:
    cache = ByteBudgetCache(10 * ENTRY_OVERHEAD_BYTES)
    for index in range(50):
        keep(cache, str(index), index * 700 % 6000)
        assert cache.nbytes <= 10 * ENTRY_OVERHEAD_BYTES


@pytest.mark.parametrize("budget", [0, 99 + ENTRY_OVERHEAD_BYTES])
def test_a_value_above_the_budget_is_returned_and_not_kept(budget: int) -> None:
    cache = ByteBudgetCache(budget)
    assert keep(cache, "a", 100).nbytes == 100
    assert cache.nbytes == 0
    assert keep(cache, "a", 100).nbytes == 100
    assert cache.misses == 2


def test_a_large_value_does_not_drive_out_the_small() -> None:
    cache = ByteBudgetCache(50 + ENTRY_OVERHEAD_BYTES)
    keep(cache, "a", 50)
    keep(cache, "b", 51)
    cache.get_or_compute("a", never)


def test_empty_values_take_room_too() -> None:
    cache = ByteBudgetCache(10 * ENTRY_OVERHEAD_BYTES)
    for index in range(50):
        keep(cache, str(index), 0)
    assert cache.nbytes == 10 * ENTRY_OVERHEAD_BYTES
    for index in range(40, 50):
        cache.get_or_compute(str(index), never)
    nothing = ByteBudgetCache(0)
    keep(nothing, "a", 0)
    keep(nothing, "a", 0)
    assert (nothing.nbytes, nothing.misses) == (0, 2)


class Gate:
    """Computation that lets the test decide when it ends."""

    def __init__(self, result: Callable[[], Blob]) -> None:
        self.entered, self.release = threading.Event(), threading.Event()
        self._result = result

    def __call__(self) -> Blob:
        self.entered.set()
        assert self.release.wait(10)
        return self._result()


def test_eight_threads_compute_once_and_get_the_same() -> None:
    cache = ByteBudgetCache(10 * ENTRY_OVERHEAD_BYTES)
    gate = Gate(lambda: Blob(10))
    asking = threading.Barrier(8)

    def wait() -> Blob:
        asking.wait(10)
        return cache.get_or_compute("a", never)

    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(cache.get_or_compute, "a", gate)
        assert gate.entered.wait(10)
        others = [threads.submit(wait) for _ in range(7)]
        asking.wait(10)
        gate.release.set()
        assert all(other.result(10) is first.result(10) for other in others)
    assert (cache.misses, cache.hits) == (1, 7)


def test_different_keys_do_not_block_one_another() -> None:
    cache = ByteBudgetCache(10 * ENTRY_OVERHEAD_BYTES)
    gate = Gate(lambda: Blob(10))
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(cache.get_or_compute, "slow", gate)
        assert gate.entered.wait(10)
        assert keep(cache, "quick", 10).name == "quick"
        assert cache.get_or_compute("quick", never).name == "quick"
        gate.release.set()
        assert slow.result(10).nbytes == 10


def test_an_error_reaches_its_own_caller_and_nothing_is_kept() -> None:
    cache = ByteBudgetCache(10 * ENTRY_OVERHEAD_BYTES)
    with pytest.raises(AssertionError, match="again"):
        cache.get_or_compute("a", never)
    assert cache.nbytes == 0
    assert keep(cache, "a", 10).name == "a"


def test_after_an_error_one_waiter_computes_for_the_rest() -> None:
    cache = ByteBudgetCache(10 * ENTRY_OVERHEAD_BYTES)
    gate = Gate(never)
    computed: list[int] = []

    def compute() -> Blob:
        computed.append(1)
        return Blob(10)

    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(cache.get_or_compute, "a", gate)
        assert gate.entered.wait(10)
        others = [threads.submit(cache.get_or_compute, "a", compute) for _ in range(7)]
        gate.release.set()
        with pytest.raises(AssertionError, match="again"):
            first.result(10)
        assert len({id(other.result(10)) for other in others}) == 1
    assert len(computed) == 1


def test_whoever_waits_for_another_can_give_up() -> None:
    cache = ByteBudgetCache(10 * ENTRY_OVERHEAD_BYTES)
    gate = Gate(lambda: Blob(10))

    def check() -> None:
        raise InterruptedError

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(cache.get_or_compute, "a", gate)
        assert gate.entered.wait(10)
        with pytest.raises(InterruptedError):
            cache.get_or_compute("a", never, check)
        gate.release.set()
        assert first.result(10).nbytes == 10


def test_what_contains_a_part_is_removed() -> None:
    cache = ByteBudgetCache(10 * ENTRY_OVERHEAD_BYTES)
    keys = [("masks", ("image", "model", 3)), ("image", "model"), ("other", "model"), ("images", b"image")]
    for key in keys:
        keep(cache, key, 10)
    cache.remove("image")
    assert cache.nbytes == 2 * (10 + ENTRY_OVERHEAD_BYTES)
    for key in keys[2:]:
        cache.get_or_compute(key, never)


def test_what_is_computed_while_it_is_removed_is_not_kept() -> None:
    cache = ByteBudgetCache(10 * ENTRY_OVERHEAD_BYTES)
    gate = Gate(lambda: Blob(10))
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(cache.get_or_compute, ("image", "model"), gate)
        assert gate.entered.wait(10)
        cache.remove("image")
        kept = cache.get_or_compute(("image", "model"), lambda: Blob(20))
        gate.release.set()
        assert waiting.result(10).nbytes == 10
    assert cache.get_or_compute(("image", "model"), never) is kept
