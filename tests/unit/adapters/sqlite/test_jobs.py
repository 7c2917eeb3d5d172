"""Tests of the job store: one claim per job, leases, retention, and a file that many processes use."""

import multiprocessing
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.sqlite.jobs import SqliteJobStore
from domain.errors import NotFound, Overloaded, StorageUnavailable
from domain.jobs import Job, JobLimits, JobProgress, JobSpec

LIMITS = JobLimits(queued=100, ttl_s=60.0, max_bytes=1_000, lease_s=10.0)
ONE = JobSpec("segment", ("photo",), '{"top_k": 2}', batch=False)
THREE = JobSpec("segment", ("a", "b", "c"), "{}", batch=True)
END = JobProgress("finished", 1, 1, "done")


class Clock:
    """Clock that returns the time it is set to."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


Make = Callable[..., SqliteJobStore]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(tmp_path: Path, clock: Clock) -> Make:
    """Return the same store as another process would open it."""
    return lambda **changes: SqliteJobStore(tmp_path / "d" / "jobs.sqlite", replace(LIMITS, **changes), clock)


def claimed(store: SqliteJobStore) -> Job:
    job = store.claim()
    assert job is not None
    return job


def finished(store: SqliteJobStore, answer: str) -> Job:
    """Return a job that succeeded with this answer."""
    store.add(ONE)
    job = claimed(store)
    store.put_item(job, 0, "succeeded", answer)
    store.finish(job, "succeeded", END)
    return job


def test_a_job_from_order_to_end(make: Make, clock: Clock) -> None:
    store, other = make(), make()
    assert not store.waiting()
    assert store.claim() is None
    job = store.add(ONE)
    assert (job.state, job.total, job.options, job.created_at) == ("queued", 0, '{"top_k": 2}', 1_000.0)
    assert other.waiting()
    clock.now = 1_001.0
    mine = claimed(other)
    assert (mine.job_id, mine.state, mine.started_at) == (job.job_id, "running", 1_001.0)
    other.step(mine, JobProgress("decode", 3, 9, "3 of 9"))
    seen = store.get(job.job_id)
    assert (seen.stage, seen.done, seen.total, seen.message) == ("decode", 3, 9, "3 of 9")
    assert job.revision < mine.revision < seen.revision
    other.put_item(mine, 0, "succeeded", '{"x": 1}')
    other.finish(mine, "succeeded", END)
    view = store.view(job.job_id)
    assert (view.job.state, view.job.finished_at, view.job.expires_at) == ("succeeded", 1_001.0, 1_061.0)
    assert [(item.file_id, item.state, item.answer) for item in view.items] == [
        ("photo", "succeeded", '{"x": 1}')
    ]
    assert store.view(job.job_id, answers=False).items[0].answer is None
    assert not store.waiting()


def test_first_come_first_served_up_to_the_bound(make: Make) -> None:
    store = make(queued=2)
    first, second = store.add(ONE), store.add(THREE)
    with pytest.raises(Overloaded, match="2 jobs are queued") as refused:
        store.add(ONE)
    assert refused.value.retry_after_s >= 1
    assert claimed(store).job_id == first.job_id
    store.add(ONE)
    assert claimed(store).job_id == second.job_id


def test_a_cancelled_job_does_not_hear_its_runner(make: Make) -> None:
    store = make()
    store.add(THREE)
    job = claimed(store)
    store.put_item(job, 0, "succeeded", "{}")
    store.put_item(job, 1, "running", None)
    assert store.holds(job)
    assert store.cancel(job.job_id).state == "cancelled"
    assert not store.holds(job)
    store.put_item(job, 1, "succeeded", "{}")
    store.step(job, END)
    store.finish(job, "succeeded", END)
    view = store.view(job.job_id)
    assert (view.job.state, view.job.message) == ("cancelled", "cancelled")
    assert [item.state for item in view.items] == ["succeeded", "cancelled", "cancelled"]
    assert store.cancel(job.job_id).revision == view.job.revision
    assert store.claim() is None


def test_a_queued_job_is_cancelled_and_a_finished_one_removed(make: Make) -> None:
    store = make()
    job = store.add(ONE)
    store.remove(job.job_id)
    assert store.cancel(job.job_id).state == "cancelled"
    assert store.claim() is None
    store.remove(job.job_id)
    for ask in (store.get, store.view, store.cancel, store.remove):
        with pytest.raises(NotFound, match="expired"):
            ask(job.job_id)


def test_a_lease_is_kept_by_renewing_it(make: Make, clock: Clock) -> None:
    store, other = make(), make()
    store.add(ONE)
    job = claimed(store)
    for _ in range(3):
        clock.now += 9
        store.renew([job])
        other.renew([])
    assert store.holds(job)
    assert store.get(job.job_id).losses == 0


def test_a_lost_job_is_tried_once_more(make: Make, clock: Clock) -> None:
    store, other = make(), make()
    store.add(THREE)
    later = store.add(ONE)
    job = claimed(store)
    store.put_item(job, 0, "succeeded", '{"kept": 1}')
    store.put_item(job, 1, "running", '{"partial": 1}')
    clock.now += 11
    other.renew([])
    assert not store.holds(job)
    view = other.view(job.job_id)
    assert (view.job.state, view.job.losses) == ("queued", 1)
    assert "queued again" in view.job.message
    answers = [other.answer(job.job_id, position) for position in range(3)]
    assert [item.state for item in view.items] == ["succeeded", "queued", "queued"]
    assert answers == ['{"kept": 1}', None, None]
    assert [item.answer for item in view.items] == [None, None, None]
    again = claimed(other)
    assert again.job_id == job.job_id != later.job_id
    store.finish(job, "succeeded", END)
    assert store.get(job.job_id).state == "running"


def test_a_job_that_is_lost_twice_fails(make: Make, clock: Clock) -> None:
    store = make()
    job_id = store.add(ONE).job_id
    for _ in range(2):
        store.put_item(claimed(store), 0, "running", None)
        clock.now += 11
        store.renew([])
    view = store.view(job_id)
    assert (view.job.state, view.job.losses) == ("failed", 2)
    assert view.job.error is not None
    assert "job_lost" in view.job.error
    assert [item.state for item in view.items] == ["failed"]


def test_a_photograph_that_ends_processes_spoils_no_other_of_its_batch(make: Make, clock: Clock) -> None:
    store = make()
    job_id = store.add(THREE).job_id
    for position in (1, 2, 1):
        job = claimed(store)
        store.put_item(job, position, "running", None)
        clock.now += 11
        store.renew([])
    view = store.view(job_id)
    assert (view.job.state, view.job.losses) == ("queued", 3)
    assert [item.state for item in view.items] == ["queued", "failed", "queued"]
    assert view.items[1].answer is not None
    assert "job_lost" in view.items[1].answer
    for position in (0, 2):
        job = claimed(store)
        store.put_item(job, position, "succeeded", "{}")
        store.release(job)
    assert [item.state for item in store.view(job_id).items] == ["succeeded", "failed", "succeeded"]


def test_a_batch_that_is_lost_between_photographs_ends_at_last(make: Make, clock: Clock) -> None:
    store = make()
    job_id = store.add(THREE).job_id
    for _ in range(8):
        claimed(store)
        clock.now += 11
        store.renew([])
    assert store.get(job_id).state == "failed"


def test_a_job_handed_back_is_not_lost(make: Make) -> None:
    store = make()
    first = store.add(ONE)
    store.add(ONE)
    for _ in range(3):
        job = claimed(store)
        assert job.job_id == first.job_id
        store.release(job)
    assert store.get(first.job_id).losses == 0


def test_a_job_can_let_others_go_first(make: Make) -> None:
    store = make()
    batch, other = store.add(THREE), store.add(ONE)
    job = claimed(store)
    store.step(job, JobProgress("decode", 1, 3, ""))
    store.release(job, last=True)
    newest = store.add(ONE)
    order = [claimed(store) for _ in range(3)]
    assert [one.job_id for one in order] == [other.job_id, batch.job_id, newest.job_id]
    assert (order[1].done, order[1].total) == (1, 3)


def test_finished_jobs_expire(make: Make, clock: Clock, tmp_path: Path) -> None:
    store = make()
    job, waiting = finished(store, "{}"), store.add(ONE)
    clock.now += 59
    assert store.get(job.job_id).final
    clock.now += 1
    with pytest.raises(NotFound):
        store.get(job.job_id)
    store.renew([])
    assert store.get(waiting.job_id).state == "queued"
    with sqlite3.connect(tmp_path / "d" / "jobs.sqlite") as connection:
        assert connection.execute("SELECT COUNT(*) FROM items").fetchone() == (1,)
    connection.close()


def test_the_oldest_answers_go_when_there_is_no_room(make: Make, clock: Clock) -> None:
    store = make()
    jobs = []
    for _ in range(4):
        clock.now += 1
        jobs.append(finished(store, "x" * 300))
    with pytest.raises(NotFound):
        store.get(jobs[0].job_id)
    assert [store.view(job.job_id).items[0].answer for job in jobs[1:]] == ["x" * 300] * 3


def test_an_answer_that_never_fits_is_refused_and_costs_nobody(make: Make) -> None:
    store = make()
    kept = finished(store, "x" * 300)
    store.add(ONE)
    job = claimed(store)
    with pytest.raises(StorageUnavailable, match="1,000 bytes"):
        store.put_item(job, 0, "succeeded", "é" * 501)
    assert store.get(kept.job_id).final
    store.put_item(job, 0, "failed", "e" * 2_000)
    store.put_item(job, 0, "succeeded", "é" * 500)
    with pytest.raises(NotFound):
        store.get(kept.job_id)


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 8_000])
def test_a_damaged_file_is_moved_aside(make: Make, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "d" / "jobs.sqlite"
    path.parent.mkdir()
    path.write_bytes(content)
    store = make()
    job = store.add(ONE)
    assert path.with_name("jobs.sqlite.damaged").read_bytes() == content
    assert make().get(job.job_id) == job


def test_a_file_that_is_taken_away_is_begun_anew(make: Make, tmp_path: Path) -> None:
    store = make()
    job = store.add(ONE)
    for path in (tmp_path / "d").iterdir():
        path.unlink()
    with pytest.raises(NotFound):
        store.get(job.job_id)
    assert store.add(ONE).state == "queued"


def test_a_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageUnavailable, match="job store"):
        SqliteJobStore(tmp_path / "file" / "jobs.sqlite", LIMITS).add(ONE)


def test_nothing_is_made_before_the_first_job(make: Make, tmp_path: Path) -> None:
    store = make()
    assert not store.waiting()
    store.renew([])
    assert list(tmp_path.iterdir()) == []


def claim_all(path: Path, claims: "multiprocessing.Queue[list[str]]", start: threading.Barrier) -> None:
    store, mine = SqliteJobStore(path, LIMITS), []
    start.wait(120)
    while job := store.claim():
        mine.append(job.job_id)
        store.put_item(job, 0, "succeeded", "{}")
        store.finish(job, "succeeded", END)
    claims.put(mine)


def test_processes_and_threads_claim_each_job_once(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    store = SqliteJobStore(path, LIMITS)
    jobs = [store.add(ONE).job_id for _ in range(90)]
    context = multiprocessing.get_context("spawn")
    claims: multiprocessing.Queue[list[str]] = context.Queue()
    shared = (path, claims, context.Barrier(5))
    processes = [context.Process(target=claim_all, args=shared) for _ in range(2)]
    for process in processes:
        process.start()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: claim_all(*shared), range(3)))
    found = [job_id for _ in range(5) for job_id in claims.get(timeout=60)]
    for process in processes:
        process.join(60)
    assert sorted(found) == sorted(jobs)
    assert all(store.get(job_id).state == "succeeded" for job_id in jobs)


def test_a_deleted_image_takes_its_jobs_and_answers_along(make: Make) -> None:
    store = make()
    store.forget_image("photo")  # There is no file yet.
    single = finished(store, "{}")
    waiting = store.add(ONE)
    other = store.add(THREE)
    store.forget_image("photo")
    for job in (single, waiting):
        with pytest.raises(NotFound):
            store.get(job.job_id)
    batch = claimed(store)
    assert batch.job_id == other.job_id
    for position in (0, 1):
        store.put_item(batch, position, "running", None)
    store.put_item(batch, 0, "succeeded", "{}")
    for file_id in ("a", "b"):
        store.forget_image(file_id)
    store.put_item(batch, 1, "succeeded", "{}")  # It was computed meanwhile.
    states = [(item.file_id, item.state) for item in store.view(other.job_id).items]
    assert states == [("a", "failed"), ("b", "failed"), ("c", "queued")]
    assert "not_found" in str(store.answer(other.job_id, 1))
    assert store.get(other.job_id).revision > batch.revision
