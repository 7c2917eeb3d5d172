"""Callers view, watch and delete jobs."""

from pathlib import Path

import pytest

from adapters.sqlite.jobs import SqliteJobStore
from domain.errors import NotFound
from domain.jobs import Job, JobLimits, JobProgress, JobSnapshot, JobSpec
from services.admission import Admission
from services.jobs.execution import JobExecution
from services.jobs.runner import JobRunner
from services.jobs.service import JobService

LIMITS = JobLimits(queued=100, ttl_s=60.0, max_bytes=1_000, lease_s=2.0)
END = JobProgress("finished", 1, 1, "succeeded")


class CountingStore(SqliteJobStore):
    """Counts how often a snapshot is read."""

    views = 0

    def view(self, job_id: str, answers: bool = True) -> JobSnapshot:
        self.views += 1
        return super().view(job_id, answers)


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    return CountingStore(tmp_path / "jobs.sqlite", LIMITS)


@pytest.fixture
def jobs(store: CountingStore) -> JobService:
    """Return the service over a store, with a runner that is never started."""
    runner = JobRunner(
        store=store,
        execution=JobExecution(store, {}, Admission(1, 1)),
        workers=0,
        lease_s=2.0,
        begin=lambda _: None,
    )
    return JobService(store, runner, keepalive_s=0.0)


def finished(store: CountingStore, *file_ids: str) -> Job:
    """A job whose images were all answered with their position."""
    store.add(JobSpec("work", file_ids, "{}", len(file_ids) > 1))
    job = store.claim()
    assert job is not None
    for position in range(len(file_ids)):
        store.put_item(job, position, "succeeded", str(position))
    store.finish(job, "succeeded", END)
    return job


def test_a_snapshot_is_one_reading_of_the_store(store: CountingStore, jobs: JobService) -> None:
    single, batch = finished(store, "a"), finished(store, "a", "b")
    assert [item.answer for item in jobs.view(single.job_id).items] == ["0"]
    assert store.views == 1
    snapshot = jobs.view(batch.job_id)
    assert store.views == 2
    assert [item.answer for item in snapshot.items] == [None, None]
    assert [item.answer for item in jobs.items(snapshot)] == ["0", "1"]


def test_a_finished_job_is_removed_and_shown_without_its_answer(
    store: CountingStore, jobs: JobService
) -> None:
    job = finished(store, "a")
    assert [item.answer for item in jobs.delete(job.job_id).items] == [None]
    with pytest.raises(NotFound):
        jobs.view(job.job_id)


def test_a_watcher_sees_the_end_and_nothing_after_it(store: CountingStore, jobs: JobService) -> None:
    job = finished(store, "a")
    assert [seen and seen.job.state for seen in jobs.watch(job.job_id, 0)] == ["succeeded"]
    assert next(jobs.watch(job.job_id, 10_000)) is None
