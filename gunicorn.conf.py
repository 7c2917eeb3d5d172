"""Derives the settings of gunicorn from those of the service, and starts and stops jobs in its workers.

The command is `gunicorn -c gunicorn.conf.py 'app:create_app()'`.
"""

import os
import signal
import tempfile
from typing import Any

from api.http.server.limits import ConnectionLimits
from config.settings import load_settings

_settings = load_settings()

bind = f"{_settings.host}:{_settings.port}"
worker_class = "api.http.server.worker.BufferingWorker"
workers = _settings.processes
threads = _settings.threads
timeout = _settings.request_timeout_s
graceful_timeout = 30
accesslog = None
control_socket_disable = True
loglevel = _settings.log_level.lower()

JOBS_PATIENCE_S = 10
"""Seconds for which an ending process waits until its jobs are back in the queue."""

if workers > 1:
    # prometheus_client reads the variable when it is imported.
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="seglabel-metrics-"))


def post_fork(server: Any, worker: Any) -> None:  # noqa: ARG001
    """Give the process its limits."""
    worker.limits = ConnectionLimits(
        header_s=_settings.header_timeout_s,
        body_s=_settings.body_timeout_s,
        stall_s=_settings.stall_timeout_s,
        connections=_settings.max_connections,
        body_bytes=_settings.max_body_bytes,
        held_bytes=_settings.buffer_bytes,
    )


def post_worker_init(worker: Any) -> None:
    """Start to run jobs in this process; on SIGTERM they are returned to the queue at once."""
    jobs = _jobs_of(worker)
    if jobs is None:
        return
    jobs.start()
    finish: Any = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: Any) -> None:
        jobs.begin_stop()
        finish(number, frame)

    signal.signal(signal.SIGTERM, stop)


def worker_exit(server: Any, worker: Any) -> None:  # noqa: ARG001
    """Return all jobs to the queue; a process that cannot do so loses its jobs when their leases end."""
    jobs = _jobs_of(worker)
    if jobs is not None:
        jobs.stop(JOBS_PATIENCE_S)


def _jobs_of(worker: Any) -> Any:
    """Return the job service of the process, or None if the app could not be loaded."""
    return getattr(getattr(worker, "wsgi", None), "extensions", {}).get("jobs")


def child_exit(server: Any, worker: Any) -> None:  # noqa: ARG001
    """Remove the gauges of a process that ended."""
    if workers > 1:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)
