"""The worker pool of threads: order, look-ahead, errors, sharing."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.threads import IN_FLIGHT_PER_WORKER, ThreadWorkerPool


@pytest.fixture
def pool() -> Iterator[ThreadWorkerPool]:
    pool = ThreadWorkerPool(2)
    yield pool
    pool.shutdown()


class Counted:
    """Items that count how many were taken."""

    def __init__(self, count: int) -> None:
        self.taken = 0
        self._count = count

    def __iter__(self) -> Iterator[int]:
        for item in range(self._count):
            self.taken += 1
            yield item


def test_results_keep_the_order(pool: ThreadWorkerPool) -> None:
    second_done = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            assert second_done.wait(10)
        if item == 1:
            second_done.set()
        return item * item

    assert list(pool.map(work, range(50))) == [item * item for item in range(50)]


def test_nothing_in_nothing_out(pool: ThreadWorkerPool) -> None:
    assert list(pool.map(abs, [])) == []


def test_work_runs_side_by_side(pool: ThreadWorkerPool) -> None:
    together = threading.Barrier(2)
    assert sorted(pool.map(lambda _: together.wait(10), range(2))) == [0, 1]
    assert pool.workers == 2


def test_only_a_few_items_are_taken_ahead(pool: ThreadWorkerPool) -> None:
    items = Counted(1000)
    results = pool.map(abs, items)
    assert items.taken == 0
    for index in range(20):
        assert next(results) == index
        assert items.taken <= index + IN_FLIGHT_PER_WORKER * pool.workers


def test_an_error_propagates_and_stops_the_rest(pool: ThreadWorkerPool) -> None:
    items, done = Counted(1000), []

    def work(item: int) -> int:
        if item == 3:
            raise ValueError("third")
        done.append(item)
        return item

    results = pool.map(work, items)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="third"):
        next(results)
    assert items.taken <= 3 + IN_FLIGHT_PER_WORKER * pool.workers
    finished = len(done)
    assert list(pool.map(abs, range(10))) == list(range(10))
    assert len(done) == finished


def test_an_error_of_the_items_propagates(pool: ThreadWorkerPool) -> None:
    def items() -> Iterator[int]:
        yield 1
        raise KeyError("items")

    with pytest.raises(KeyError, match="items"):
        list(pool.map(abs, items()))


def test_a_caller_that_stops_early_leaves_nothing_running(pool: ThreadWorkerPool) -> None:
    entered, left = [], []
    started, release = threading.Event(), threading.Event()

    def work(item: int) -> int:
        if item > 0:
            entered.append(item)
            started.set()
            assert release.wait(10)
            left.append(item)
        return item

    results = pool.map(work, Counted(1000))
    assert next(results) == 0
    assert started.wait(10)
    closing = threading.Thread(target=results.close)  # type: ignore[attr-defined]
    closing.start()
    release.set()
    closing.join(10)
    assert sorted(entered) == sorted(left)
    assert max(entered) < IN_FLIGHT_PER_WORKER * pool.workers


def test_many_request_threads_share_it(pool: ThreadWorkerPool) -> None:
    def request(start: int) -> list[int]:
        return list(pool.map(lambda item: item + start, range(40)))

    with ThreadPoolExecutor(8) as requests:
        answers = list(requests.map(request, range(8)))
    assert answers == [[item + start for item in range(40)] for start in range(8)]


def test_one_failure_does_not_touch_another_caller(pool: ThreadWorkerPool) -> None:
    def fail(_: int) -> int:
        raise ValueError("mine")

    healthy = pool.map(abs, range(20))
    assert next(healthy) == 0
    with pytest.raises(ValueError, match="mine"):
        list(pool.map(fail, range(20)))
    assert list(healthy) == list(range(1, 20))


def test_its_threads_end() -> None:
    before = threading.active_count()
    pool = ThreadWorkerPool(3)
    list(pool.map(abs, range(10)))
    pool.shutdown()
    assert threading.active_count() == before


def test_no_workers_is_an_error() -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        ThreadWorkerPool(0)
