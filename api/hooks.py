"""What happens around every request: its id, one access line in the log, the id in the answer's headers."""

import logging
import time

from flask import Flask, Response, g, request

from api import request_id

logger = logging.getLogger(__name__)
QUIET = ("/health", "/ready", "/metrics")


def _begin() -> None:
    g.arrived = time.perf_counter()
    g.request_id = request_id.begin(request.headers.get(request_id.HEADER))


def _end(response: Response) -> Response:
    response.headers[request_id.HEADER] = g.get("request_id", request_id.current_request_id())
    level = logging.DEBUG if request.path in QUIET else logging.INFO
    elapsed = (time.perf_counter() - g.get("arrived", time.perf_counter())) * 1e3
    logger.log(level, "%s %s %d in %.0f ms", request.method, request.path, response.status_code, elapsed)
    return response


def register(app: Flask) -> None:
    """Hook into every request of `app`."""
    app.before_request(_begin)
    app.after_request(_end)
