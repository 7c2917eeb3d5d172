"""Gives every request an id that is in its log lines and in its answer's headers."""

import logging
import re
import secrets
from contextvars import ContextVar

REQUEST_ID_HEADER = "X-Request-ID"
REQUEST_ID_PATTERN = re.compile(r"[A-Za-z0-9._-]{1,64}")

_current: ContextVar[str] = ContextVar("request_id", default="-")


def begin_request(sent: str | None) -> str:
    """Start a request; the caller's own id is kept when it is short and plain."""
    request_id = sent if sent and REQUEST_ID_PATTERN.fullmatch(sent) else secrets.token_hex(8)
    _current.set(request_id)
    return request_id


def current_request_id() -> str:
    """Id of the request this thread answers; `-` outside of one."""
    return _current.get()


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to log records."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        record.request_id = current_request_id()
        return True
