"""Gunicorn's settings, taken from the service's own: `gunicorn -c gunicorn.conf.py 'app:create_app()'`."""

import os
import tempfile
from typing import Any

from config.settings import load_settings

_settings = load_settings()

bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.processes
threads = _settings.threads
timeout = _settings.request_timeout_s
graceful_timeout = 30
keepalive = 5
accesslog = None
control_socket_disable = True
loglevel = _settings.log_level.lower()

if workers > 1:
    # Before anything imports prometheus_client, which looks once.
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="seglabel-metrics-"))


def child_exit(server: Any, worker: Any) -> None:  # noqa: ARG001
    """Forget the gauges of a process that ended."""
    if workers > 1:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)
