"""Server-sent events of a job (WHATWG HTML, section 9.2): an event for every change, comments in between."""

import threading
from collections.abc import Callable, Iterator

from flask import Response

from domain.errors import Overloaded
from domain.jobs import JobSnapshot

FormatEvent = Callable[[JobSnapshot], Iterator[str]]
"""Yields the data of an event in pieces without line ends."""

EVENT_STREAM_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""Headers that keep proxies from buffering the events."""

RETRY_AFTER_S = 5


class EventStreams:
    """Opens a bounded number of streams, since each occupies a thread of the server.

    Args:
        limit: Largest number of open streams.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._free = threading.Semaphore(limit)

    def open(self, changes: Iterator[JobSnapshot | None], format_event: FormatEvent) -> Response:
        """Stream changes as events; the stream counts until the client disconnects or the changes end.

        Raises:
            Overloaded: The largest number of streams is open.
        """
        if not self._free.acquire(blocking=False):
            message = f"{self._limit} event streams are open, which is the limit; try again later"
            raise Overloaded(message, RETRY_AFTER_S)
        response = Response(
            _event_lines(changes, format_event), mimetype="text/event-stream", headers=EVENT_STREAM_HEADERS
        )
        response.call_on_close(self._free.release)
        return response


def _event_lines(changes: Iterator[JobSnapshot | None], format_event: FormatEvent) -> Iterator[str]:
    for view in changes:
        if view is None:
            yield ": keep-alive\n\n"
        else:
            yield f"id: {view.job.revision}\ndata: "
            yield from format_event(view)
            yield "\n\n"


def last_event_revision(header: str | None) -> int:
    """Return the revision in a Last-Event-ID header; 0 without one."""
    return int(header) if header and header.isascii() and header.isdigit() and len(header) < 16 else 0
