"""Runs jobs of made-up work: turns, failures, interruptions, and a store in trouble."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.sqlite.jobs import SqliteJobStore
from domain.errors import InvalidRequest, StorageUnavailable
from domain.jobs import Job, JobLimits, JobProgress, JobSpec, JobState
from services.admission import Admission
from services.jobs.execution import JobCancellation, JobExecution, JobInterrupted, PublishPartial
from services.jobs.runner import JobRunner
from services.progress import Progress

LEASE_S = 2.0
PATIENCE_S = 60
LIMITS = JobLimits(queued=100, ttl_s=60.0, max_bytes=1_000, lease_s=LEASE_S)


def work(file_id: str, options: str, progress: Progress, share: PublishPartial) -> str:
    """Answers with as many letters as the file_id says; `bad` is refused."""
    if file_id == "bad":
        raise InvalidRequest("bad is bad", {"why": "so"})
    progress.step("spell", 1, 2, f"{options} of {file_id}")
    share(lambda: "x")
    return "x" * int(file_id)


@pytest.fixture
def store(tmp_path: Path) -> SqliteJobStore:
    return SqliteJobStore(tmp_path / "jobs.sqlite", LIMITS)


@pytest.fixture
def start(store: SqliteJobStore) -> Iterator[Callable[..., JobRunner]]:
    """Starts runners, which end with the test."""
    started: list[JobRunner] = []

    def make(workers: int = 1, admission: Admission | None = None, **kinds: object) -> JobRunner:
        execution = JobExecution(store, {"work": work, **kinds}, admission or Admission(2, 16))  # type: ignore[dict-item]
        started.append(JobRunner(store, execution, workers, LEASE_S, lambda _: None))
        started[-1].start()
        return started[-1]

    yield make
    for runner in started:
        runner.stop(PATIENCE_S)


def order(*file_ids: str, kind: str = "work", batch: bool = False) -> JobSpec:
    return JobSpec(kind, file_ids, "{}", batch or len(file_ids) > 1)


def end_of(store: SqliteJobStore, job: Job) -> Job:
    """The job once it is finished."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if (now := store.get(job.job_id)).final:
            return now
        time.sleep(0.01)
    raise AssertionError(now)


def test_one_photograph(store: SqliteJobStore, start: Callable[..., JobRunner]) -> None:
    start()
    job = end_of(store, store.add(order("3")))
    assert (job.state, job.error, store.view(job.job_id).items[0].answer) == ("succeeded", None, "xxx")
    job = end_of(store, store.add(order("bad")))
    assert job.state == "failed"
    assert json.loads(job.error or "") == {
        "code": "invalid_request",
        "message": "bad is bad",
        "details": {"why": "so"},
    }


def test_an_answer_without_room_fails_alone(store: SqliteJobStore, start: Callable[..., JobRunner]) -> None:
    start()
    job = end_of(store, store.add(order("400", "2000", "bad", "500")))
    assert (job.state, job.message) == ("succeeded", "4 done, 2 failed")
    view = store.view(job.job_id)
    assert [item.state for item in view.items] == ["succeeded", "failed", "failed", "succeeded"]
    assert "storage_unavailable" in (view.items[1].answer or "")


def test_a_kind_that_this_process_does_not_know(
    store: SqliteJobStore, start: Callable[..., JobRunner]
) -> None:
    start()
    assert "internal_error" in (end_of(store, store.add(order("1", kind="dance"))).error or "")


def test_jobs_run_side_by_side_up_to_the_number_of_workers(
    store: SqliteJobStore, start: Callable[..., JobRunner]
) -> None:
    together = threading.Barrier(3)

    def meet(*_: object) -> str:
        together.wait(PATIENCE_S)
        return "met"

    start(workers=3, admission=Admission(3, 16), meet=meet)
    jobs = [store.add(order("1", kind="meet")) for _ in range(6)]
    assert {end_of(store, job).state for job in jobs} == {"succeeded"}


def test_a_job_waits_for_its_turn_among_requests(
    store: SqliteJobStore, start: Callable[..., JobRunner]
) -> None:
    admission = Admission(1, 16)
    with admission.enter():
        start(admission=admission)
        job = store.add(order("3"))
        while store.get(job.job_id).stage != "waiting":
            time.sleep(0.01)
        assert admission.in_flight == 1
    assert end_of(store, job).state == "succeeded"


def test_a_job_that_waits_for_its_turn_is_handed_back_when_the_process_ends(
    store: SqliteJobStore, start: Callable[..., JobRunner]
) -> None:
    admission = Admission(1, 16)
    with admission.enter():
        runner = start(admission=admission)
        job = store.add(order("3"))
        while store.get(job.job_id).stage != "waiting":
            time.sleep(0.01)
        runner.stop(0)
        assert (store.get(job.job_id).state, store.get(job.job_id).losses) == ("queued", 0)
    start()
    assert end_of(store, job).state == "succeeded"


class Forgetful(SqliteJobStore):
    """Cannot be used when the first job ends."""

    refused = 0

    def finish(self, job: Job, state: JobState, step: JobProgress, error: str | None = None) -> None:
        if not self.refused:
            self.refused += 1
            raise StorageUnavailable("disk full")
        super().finish(job, state, step, error)


def test_a_job_whose_end_could_not_be_written_is_tried_once_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Forgetful(tmp_path / "jobs.sqlite", LIMITS)
    runner = JobRunner(
        store, JobExecution(store, {"work": work}, Admission(2, 16)), 1, LEASE_S, lambda _: None
    )
    runner.start()
    job = end_of(store, store.add(order("3")))
    runner.stop(PATIENCE_S)
    assert (job.state, job.losses, store.refused) == ("succeeded", 1, 1)
    assert "could not be brought to its end" in caplog.text


def test_the_check_hears_of_cancellation_and_of_the_end_of_the_process(store: SqliteJobStore) -> None:
    stopping = threading.Event()
    store.add(order("1"))
    job = store.claim()
    assert job is not None
    cancellation = JobCancellation(store, job, stopping)
    cancellation.check()
    store.cancel(job.job_id)
    with pytest.raises(JobInterrupted):
        cancellation.check()
    stopping.set()
    with pytest.raises(JobInterrupted):
        cancellation.check()
