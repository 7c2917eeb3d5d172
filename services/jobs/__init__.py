"""Work in the background: submitted, claimed, run, reported, cancelled."""

from services.jobs.execution import Execute, JobExecution, Share
from services.jobs.runner import JobRunner
from services.jobs.service import JobService

__all__ = ["Execute", "JobExecution", "JobRunner", "JobService", "Share"]
