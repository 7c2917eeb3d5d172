"""The server of a process: accepts connections, and hands complete requests to threads."""

import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from api.http.errors import RETRY_AFTER_S
from api.http.server.channel import LimitedChannel
from api.http.server.limits import ConnectionLimits
from domain.errors import Overloaded

logger = logging.getLogger(__name__)

BACKLOG = 1024
"""Connections that may wait to be accepted."""

MEMORY_BYTES = 256 * 1024
"""Size above which a body or an unread answer goes to a temporary file."""

MAX_HEADER_BYTES = 64 * 1024
MAX_REFUSED_BYTES = 64 * 1024 * 1024
"""Body up to which a refused request is read to its end, so that its connection serves the next one."""

MAX_PENDING_BYTES = 64 * 1024 * 1024
"""Size of the unread part of an answer above which the thread that writes it waits."""


class TaskPool:
    """Runs the requests of a process in threads, which start when they are needed.

    Args:
        threads: Largest number of threads.
    """

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")

    def add_task(self, channel: LimitedChannel) -> None:
        """Serve the next request of a connection."""
        self._pool.submit(self._serve, channel)

    def shutdown(self) -> None:
        """Drop the requests that wait; those that run go on."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    @staticmethod
    def _serve(channel: LimitedChannel) -> None:
        try:
            channel.service()
        except Exception:
            logger.exception("a connection failed unexpectedly")


class LimitedServer(TcpWSGIServer):
    """Accepts the connections of a listening socket and keeps them under limits.

    Args:
        app: The WSGI application.
        listener: Listening socket, which other processes may share.
        pool: Threads that run the application.
        limits: Limits of each connection and of all together.
        sockets: Everything that the event loop waits for, by file descriptor.
    """

    channel_class = LimitedChannel

    def __init__(
        self,
        app: Any,
        listener: socket.socket,
        pool: TaskPool,
        limits: ConnectionLimits,
        sockets: dict[int, Any],
    ) -> None:
        self.limits = limits
        self.stopping = False
        self.arrived_bytes = 0
        address = (listener.family, listener.type, listener.proto, listener.getsockname())
        super().__init__(
            app,
            map=sockets,
            _sock=listener,
            dispatcher=pool,
            adj=_adjustments(limits),
            sockinfo=address,
            bind_socket=False,
        )

    def maintenance(self, now: float) -> None:
        """Do nothing here: `enforce` runs between two turns of the loop, when no connection is in use."""

    def enforce(self, now: float) -> None:
        """Close connections and refuse requests that exceed a limit at the time `now`."""
        self.arrived_bytes = 0
        for channel in list(self.active_channels.values()):
            channel.enforce(self.limits, now)
        self._shed()

    def _shed(self) -> None:
        """Refuse the largest unfinished requests, and drop the largest unread answers, beyond the budget."""
        total = sum(channel.held_bytes for channel in self.active_channels.values())
        waiting = [channel for channel in self.active_channels.values() if not channel.computes]
        waiting.sort(key=lambda channel: channel.held_bytes)
        while waiting and total > self.limits.held_bytes:
            channel = waiting.pop()
            total -= channel.held_bytes
            if channel.total_outbufs_len or channel.request is None:
                channel.abort()
            else:
                budget = f"{self.limits.held_bytes:,}"
                message = f"unfinished requests hold {budget} bytes or more; try again later"
                channel.refuse(Overloaded(message, RETRY_AFTER_S))

    @property
    def crowded(self) -> bool:
        """True if so many bytes came since the last check that the limits must be checked at once."""
        return self.arrived_bytes > self.limits.held_bytes / 8

    @property
    def busy(self) -> bool:
        """True while a request arrives or runs, or an answer is being sent."""
        channels = self.active_channels.values()
        return any(channel.requests or channel.request or channel.total_outbufs_len for channel in channels)

    def stop(self) -> None:
        """Accept no further connections, and announce the end of the open ones."""
        self.stopping = True
        self.del_channel()

    def end(self) -> None:
        """Close all connections and drop what they hold."""
        for channel in list(self.active_channels.values()):
            channel.handle_close()
        self.close()


def _adjustments(limits: ConnectionLimits) -> Adjustments:
    """Return the settings of waitress."""
    return Adjustments(
        backlog=BACKLOG,
        clear_untrusted_proxy_headers=False,
        connection_limit=limits.connections,
        ident="seglabel",
        inbuf_overflow=MEMORY_BYTES,
        log_socket_errors=False,
        max_request_body_size=max(limits.body_bytes, MAX_REFUSED_BYTES) + 1,
        max_request_header_size=MAX_HEADER_BYTES,
        outbuf_high_watermark=MAX_PENDING_BYTES,
        outbuf_overflow=MEMORY_BYTES,
    )
