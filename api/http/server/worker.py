"""The worker class of gunicorn: an event loop reads requests and sends answers, threads run the app."""

import os
import time
from dataclasses import replace
from types import FrameType
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore

from api.http.server.limits import ConnectionLimits, allowed_connections
from api.http.server.server import LimitedServer, TaskPool

CHECK_S = 0.5
"""Usual time between two checks of the limits, each with a heartbeat."""

STOP_CHECK_S = 0.1
"""Time between two looks at whether a stopping process may end."""

STOP_LINGER_S = 2.0
"""Seconds for which a stopping process keeps idle connections, on which a request may be on its way."""


class BufferingWorker(Worker):
    """A gunicorn process whose threads get complete requests only, and never wait for a client.

    The hook `post_fork` of gunicorn.conf.py sets `limits`.
    """

    limits: ConnectionLimits

    def run(self) -> None:
        """Serve until a signal or the end of the master process, then finish what has begun."""
        self._sockets: dict[int, Any] = {}
        self._next_check = 0.0
        pool = TaskPool(self.cfg.threads)
        limits = replace(self.limits, connections=allowed_connections(self.limits.connections))
        self._servers = [
            LimitedServer(self.wsgi, listener.sock, pool, limits, self._sockets) for listener in self.sockets
        ]
        while self.alive and self.ppid == os.getppid():
            self._turn(CHECK_S)
        self._stop()
        pool.shutdown()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop at once."""
        super().handle_exit(sig, frame)
        for server in getattr(self, "_servers", ()):
            server.pull_trigger()

    def _turn(self, timeout_s: float) -> None:
        """Wait for bytes, move them, and check the limits if it is time."""
        wasyncore.loop(timeout=timeout_s, use_poll=True, map=self._sockets, count=1)
        if time.monotonic() >= self._next_check or any(server.crowded for server in self._servers):
            self._next_check = time.monotonic() + CHECK_S
            self.notify()
            for server in self._servers:
                server.enforce(time.time())

    def _stop(self) -> None:
        """Accept nothing more, and serve open connections for at most the graceful timeout."""
        for server in self._servers:
            server.stop()
        begun = busy_at = time.monotonic()
        while any(server.active_channels for server in self._servers):
            now = time.monotonic()
            if any(server.busy for server in self._servers):
                busy_at = now
            if now - busy_at > STOP_LINGER_S or now - begun > self.cfg.graceful_timeout:
                break
            self._turn(STOP_CHECK_S)
        ended, self._servers = self._servers, []  # A second signal has nothing left to wake.
        for server in ended:
            server.end()
