"""Answers of the server: those of the app, and errors of requests that never reach the app."""

import json
import logging

from waitress.task import ErrorTask, WSGITask
from waitress.utilities import RequestEntityTooLarge

from api.contract import request_id
from api.http.errors import CODE_BY_STATUS, RETRY_AFTER_S, http_status_of
from api.http.hooks import escape_path
from domain.errors import ServiceError, TooLarge, error_body

logger = logging.getLogger(__name__)

REASONS = {400: "Bad Request", 408: "Request Timeout", 413: "Content Too Large", 503: "Service Unavailable"}
"""Reason phrases of the errors that `LimitedChannel` answers with; waitress has those of its own."""


class AppAnswerTask(WSGITask):
    """Runs the app and writes its answer."""

    wrote_header: bool

    def start(self) -> None:
        """Announce the end of the connection if the process stops."""
        super().start()
        if self.channel.server.stopping:
            self.set_close_on_finish()

    def write(self, data: bytes) -> None:
        """Write a piece of the answer; the headers go with the first one, in one packet if they fit."""
        if self.complete and not self.wrote_header:
            self.channel.head = self.build_response_header()
            self.wrote_header = True
        super().write(data)
        if self.channel.head:
            self.channel.write_soon(b"")

    def set_close_on_finish(self) -> None:
        """Close the connection after the answer, unless the answer is chunked, which marks its own end."""
        if not self.chunked_response or self.request.command == "HEAD":
            super().set_close_on_finish()


class ErrorAnswerTask(ErrorTask):
    """Answers a request that broke a limit, or that is no HTTP, in the JSON shape of all errors."""

    def execute(self) -> None:
        """Write the answer and close the connection."""
        self.channel.refused = True
        code, reason, error = _describe(self._error())
        self.status = f"{code} {reason}"
        self.response_headers = self._headers(code)
        body = json.dumps({"success": False, "error": error}).encode()
        self.content_length = len(body)
        self.set_close_on_finish()
        self.write(body)
        path = escape_path(self.request.path)
        logger.info("%s %s %d: %s", self.request.command, path, code, error["message"])

    def _error(self) -> object:
        """Return the error of the request, with the limit of the routes where the body is too large."""
        if not isinstance(self.request.error, RequestEntityTooLarge):
            return self.request.error
        limit, got = self.channel.server.limits.body_bytes, self.request.content_length
        return TooLarge(f"expected a body of at most {limit:,} bytes, got {got or limit:,} or more")

    def _headers(self, code: int) -> list[tuple[str, str]]:
        identity = request_id.begin_request(self.request.headers.get("X_REQUEST_ID"))
        headers = [("Content-Type", "application/json"), (request_id.REQUEST_ID_HEADER, identity)]
        return [*headers, ("Retry-After", str(RETRY_AFTER_S))] if code == 503 else headers


def _describe(error: object) -> tuple[int, str, dict[str, object]]:
    """Return status, reason and the JSON object of an error of the service or of waitress."""
    if isinstance(error, ServiceError):
        status = http_status_of(error)
        return status, REASONS[status], error_body(error)
    status, reason, found = error.code, error.reason, error.body  # type: ignore[attr-defined]
    code = CODE_BY_STATUS.get(status, reason.lower().replace(" ", "_"))
    message = f"expected a request in HTTP/1.1, got one with a fault: {found}"
    return status, reason, {"code": code, "message": message, "details": {}}
