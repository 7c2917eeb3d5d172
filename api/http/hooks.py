"""What happens around every request: its id, one access line in the log, the id in the answer's headers."""

import logging
import time

from flask import Flask, Response, g, request

from api.contract import request_id

logger = logging.getLogger(__name__)
QUIET_PATHS = ("/health", "/ready", "/metrics")
DRAIN_CHUNK_BYTES = 64 * 1024
MAX_DRAIN_BYTES = 64 * 1024 * 1024


def _start_request() -> None:
    g.arrived = time.perf_counter()
    g.request_id = request_id.begin_request(request.headers.get(request_id.REQUEST_ID_HEADER))


def _finish_request(response: Response) -> Response:
    response.headers[request_id.REQUEST_ID_HEADER] = g.get("request_id", request_id.current_request_id())
    if response.status_code >= 400 and not _drain_body():
        response.headers["Connection"] = "close"
    level = logging.DEBUG if request.path in QUIET_PATHS else logging.INFO
    path, elapsed_ms = _escape_path(request.path), elapsed_s() * 1e3
    logger.log(level, "%s %s %d in %.0f ms", request.method, path, response.status_code, elapsed_ms)
    return response


def elapsed_s() -> float:
    """Seconds since the current request arrived."""
    now = time.perf_counter()
    return now - float(g.get("arrived", now))


def _drain_body() -> bool:
    """Read what is left of a refused body, within limits: the connection serves the next request then."""
    stream = request.environ["wsgi.input"]
    try:
        return any(not stream.read(DRAIN_CHUNK_BYTES) for _ in range(MAX_DRAIN_BYTES // DRAIN_CHUNK_BYTES))
    except Exception:  # Each server has types of its own for a body that breaks off.
        return False


def _escape_path(path: str) -> str:
    """The path on one line, without control characters."""
    return path[:200].encode("unicode_escape").decode("ascii")


def register(app: Flask) -> None:
    """Hook into every request of `app`."""
    app.before_request(_start_request)
    app.after_request(_finish_request)
