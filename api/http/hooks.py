"""Hooks around every request: its id, one access line in the log, and the id in the header of the answer."""

import logging
import time

from flask import Flask, Response, g, request

from api.contract import request_id

logger = logging.getLogger(__name__)
QUIET_PATHS = ("/health", "/ready", "/metrics")


def _start_request() -> None:
    g.arrived = time.perf_counter()
    g.request_id = request_id.begin_request(request.headers.get(request_id.REQUEST_ID_HEADER))


def _finish_request(response: Response) -> Response:
    response.headers[request_id.REQUEST_ID_HEADER] = g.get("request_id", request_id.current_request_id())
    level = logging.DEBUG if request.path in QUIET_PATHS else logging.INFO
    path, elapsed_ms = escape_path(request.path), elapsed_s() * 1e3
    logger.log(level, "%s %s %d in %.0f ms", request.method, path, response.status_code, elapsed_ms)
    return response


def elapsed_s() -> float:
    """Return the seconds since the current request arrived."""
    now = time.perf_counter()
    return now - float(g.get("arrived", now))


def escape_path(path: str) -> str:
    """Return the path on one line, without control characters."""
    return path[:200].encode("unicode_escape").decode("ascii")


def register(app: Flask) -> None:
    """Hook into every request of `app`."""
    app.before_request(_start_request)
    app.after_request(_finish_request)
