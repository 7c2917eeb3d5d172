"""Server-sent events (WHATWG HTML, section 9.2) of a job: an event for every change, comments in between."""

import threading
from collections.abc import Callable, Iterator

from flask import Response

from domain.errors import Overloaded
from domain.jobs import JobSnapshot

FormatEvent = Callable[[JobSnapshot], Iterator[str]]
"""The data of an event, in pieces that have no line ends."""

EVENT_STREAM_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""A proxy that collects an answer before it passes it on would hold the events back."""

RETRY_AFTER_S = 5


class EventStreams:
    """Opens streams, a bounded number at once: each holds a thread of the server.

    Args:
        most: How many.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._free = threading.Semaphore(most)

    def open(self, changes: Iterator[JobSnapshot | None], format_event: FormatEvent) -> Response:
        """Stream changes as events; the place is free again when the client hangs up or the changes end.

        Raises:
            Overloaded: As many streams are open already as may.
        """
        if not self._free.acquire(blocking=False):
            raise Overloaded(f"{self._most} event streams are open already, the most that may", RETRY_AFTER_S)
        response = Response(
            _event_lines(changes, format_event), mimetype="text/event-stream", headers=EVENT_STREAM_HEADERS
        )
        response.call_on_close(self._free.release)
        return response


def _event_lines(changes: Iterator[JobSnapshot | None], format_event: FormatEvent) -> Iterator[str]:
    for view in changes:
        if view is None:
            yield ": still here\n\n"
        else:
            yield f"id: {view.job.revision}\ndata: "
            yield from format_event(view)
            yield "\n\n"


def last_event_revision(header: str | None) -> int:
    """The revision in a Last-Event-ID header; 0 where there is none."""
    return int(header) if header and header.isascii() and header.isdigit() and len(header) < 16 else 0
