"""One connection: waitress's channel, under limits of time and size."""

import contextlib
import logging
import socket
import struct
import time
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import BadRequest

from api.http.server.answers import AppAnswerTask, ErrorAnswerTask
from api.http.server.limits import ConnectionLimits
from domain.errors import MalformedRequest, RequestTimeout, ServiceError

logger = logging.getLogger(__name__)

MAX_CHUNK_LINE_BYTES = 4096
"""Largest line with the size of a chunk, and largest trailer of a chunked body."""

PIECE_BYTES = 256 * 1024
"""Size of the pieces of an answer; each is sent or buffered before the next is copied."""

LINGER_S = 2.0
"""Seconds for which the rest of a refused request is discarded, so that the client can read the answer."""

RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER with a time of zero: the kernel drops what a client does not read."""


class BufferedRequest(HTTPRequestParser):
    """A request that arrives; a body of more than a few bytes is kept in a temporary file."""

    command = "-"
    path = "-"

    def __init__(self, adj: object) -> None:
        super().__init__(adj)
        self.began = time.time()
        self.behind = b""

    def received(self, data: bytes) -> int:
        """Take bytes, and keep those that follow the request in `behind`."""
        self.behind = data[super().received(data) :]
        receiver = self.body_rcv
        if self.chunked and max(len(receiver.control_line), len(receiver.trailer)) > MAX_CHUNK_LINE_BYTES:
            self.error = BadRequest("the line of a chunk is too long")
            self.completed = True
        if self.completed:  # waitress would ask for the body of a request that has none or is refused.
            self.expect_continue = False
        return len(data)


class LimitedChannel(HTTPChannel):
    """A connection whose unfinished request gets 408, or which is closed, when the client exceeds a limit.

    Attributes:
        unread_since: Time since when an answer waits for the client, or None.
        lingers_since: Time since when everything is discarded, or None.
        refused: Whether the last request got an error of the server.
        behind: Bytes of the next request, which arrived too early.
        head: Headers of an answer, which are sent with its first piece.
    """

    parser_class = BufferedRequest
    task_class = AppAnswerTask
    error_task_class = ErrorAnswerTask
    request: Any
    close_when_flushed: bool
    unread_since: float | None = None
    lingers_since: float | None = None
    refused = False
    behind = b""
    head = b""

    def received(self, data: bytes) -> bool:
        """Take bytes from the client; those behind a refused request are discarded."""
        if self.lingers_since is not None:
            return False
        self.server.arrived_bytes += len(data)
        self.request = request = self.request or BufferedRequest(self.adj)
        taken: bool = super().received(data)
        self.behind = request.behind
        return taken

    def handle_read(self) -> None:
        """Read bytes; a body that ends early is answered, since the client may still read."""
        if self.request and self.request.headers_finished and self._has_ended():
            self.refuse(MalformedRequest("expected a complete body, got one that ends early"))
        else:
            super().handle_read()

    def _has_ended(self) -> bool:
        try:
            return not self.socket.recv(1, socket.MSG_PEEK)
        except OSError:
            return False

    def readable(self) -> bool:
        """Return whether bytes are wanted; a request that came early is taken first."""
        wanted: bool = super().readable()
        if wanted and self.behind:
            self.received(self.behind)
            wanted = super().readable()
        return wanted

    def write_soon(self, data: Any) -> int:
        """Send data of the app, or buffer what the client does not take; large data goes in pieces."""
        if not isinstance(data, bytes) or len(data) <= PIECE_BYTES:
            head, self.head = self.head, b""
            return int(super().write_soon(head + data if head else data))
        pieces = (data[at : at + PIECE_BYTES] for at in range(0, len(data), PIECE_BYTES))
        return int(sum(self.write_soon(piece) for piece in pieces))

    @property
    def held_bytes(self) -> int:
        """Bytes of bodies that arrive or are in use, and of answers that the client has not read."""
        requests = [*self.requests, self.request] if self.request else [*self.requests]
        bodies: int = sum(request.body_bytes_received for request in requests)
        return bodies + int(self.total_outbufs_len)

    @property
    def computes(self) -> bool:
        """True while the app runs for this connection and nothing waits for the client."""
        return bool(self.requests) and not self.total_outbufs_len

    def enforce(self, limits: ConnectionLimits, now: float) -> None:
        """Close the connection or refuse its request if it exceeds a limit at the time `now`."""
        if self.lingers_since is not None:
            if now - self.lingers_since > LINGER_S:
                self.handle_close()
        elif self.total_outbufs_len:
            self._enforce_reading(limits, now)
        else:
            self.unread_since = None
            if not (self.requests or self.will_close or self.close_when_flushed):
                self._enforce_sending(limits, now)

    def _enforce_reading(self, limits: ConnectionLimits, now: float) -> None:
        self.unread_since = self.unread_since or now
        waited_s = now - max(self.last_activity, self.unread_since)
        if waited_s > limits.stall_s or now - self.unread_since > limits.body_s:
            logger.info("closed a connection whose client does not read the answer")
            self.abort()

    def _enforce_sending(self, limits: ConnectionLimits, now: float) -> None:
        request = self.request
        if request is None:
            if now - self.last_activity > limits.header_s:
                self.handle_close()
        elif not request.headers_finished:
            if now - request.began > limits.header_s:
                self.refuse(_too_slow("the headers of a request", limits.header_s))
        elif now - request.began > limits.body_s:
            self.refuse(_too_slow("a whole body", limits.body_s))
        elif now - self.last_activity > limits.stall_s:
            self.refuse(_too_slow("more of the body", limits.stall_s))

    def refuse(self, error: ServiceError) -> None:
        """Answer the unfinished request with an error, and close the connection."""
        with self.requests_lock:
            request, self.request = self.request, None
            request.error, request.completed = error, True
            self.sent_continue = False
            self.requests.append(request)
            self.server.add_task(self)

    def abort(self) -> None:
        """Drop the connection and everything that is still to be sent."""
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.handle_close()

    def handle_write(self) -> None:
        """Send what is pending; after a refusal only the client's direction stays open for a while."""
        if self.refused and self.close_when_flushed and not self.total_outbufs_len:
            self.close_when_flushed, self.lingers_since = False, time.time()
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
        else:
            super().handle_write()

    def handle_close(self) -> None:
        """Close the connection and drop the temporary file of an unfinished request."""
        super().handle_close()
        request, self.request = self.request, None
        if request is not None:
            request.close()


def _too_slow(wanted: str, seconds: float) -> RequestTimeout:
    return RequestTimeout(f"expected {wanted} within {seconds:g} s, which have passed")
