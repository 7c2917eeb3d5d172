"""The bounded queue in front of heavy work."""

import threading

import pytest

from domain.errors import Overloaded
from services.admission import Admission


def test_the_rest_is_refused_with_a_time_to_come_back() -> None:
    admission = Admission(running=1, waiting=2)
    release, entered = threading.Event(), threading.Semaphore(0)

    def work() -> None:
        with admission.enter():
            entered.release()
            assert release.wait(10)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert entered.acquire(timeout=10)
    while admission.in_flight < 3:
        pass
    with pytest.raises(Overloaded) as refused, admission.enter():
        pass
    assert refused.value.retry_after_s >= 1
    release.set()
    for thread in threads:
        thread.join(10)
    assert admission.in_flight == 0
    with admission.enter():
        assert admission.in_flight == 1


def test_a_failure_frees_its_place() -> None:
    admission = Admission(running=1, waiting=1)
    for _ in range(5):
        with pytest.raises(RuntimeError), admission.enter():
            raise RuntimeError
    assert admission.in_flight == 0


def test_a_turn_takes_a_slot_and_no_place_in_the_line() -> None:
    admission = Admission(running=1, waiting=1)
    taken = threading.Event()

    def request() -> None:
        with admission.enter():
            taken.set()

    with admission.turn(lambda: None):
        assert admission.in_flight == 0
        thread = threading.Thread(target=request)
        thread.start()
        while admission.in_flight < 1:
            pass
        assert not taken.is_set()
    assert taken.wait(10)
    thread.join(10)


def test_work_that_is_not_wanted_any_more_stops_waiting_for_its_turn() -> None:
    admission = Admission(1, 16)

    def check() -> None:
        raise InterruptedError

    with admission.enter(), pytest.raises(InterruptedError), admission.turn(check):
        pass
    with admission.turn(check):
        pass
