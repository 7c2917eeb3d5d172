"""Maps every error to a status, in one table, and to the one JSON shape."""

import logging

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.exceptions import NotFound as HttpNotFound

from api.contract.request_id import current_request_id
from domain import errors

logger = logging.getLogger(__name__)

STATUS_BY_ERROR: dict[type[errors.ServiceError], int] = {
    errors.MalformedRequest: 400,
    errors.NotFound: 404,
    errors.RequestTimeout: 408,
    errors.ReservedName: 409,
    errors.TooLarge: 413,
    errors.UnsupportedMedia: 415,
    errors.InvalidRequest: 422,
    errors.Overloaded: 503,
    errors.ModelUnavailable: 503,
    errors.StorageUnavailable: 503,
    errors.ServiceError: 500,
}
"""Status of each error class; a subclass that is missing here has the status of its nearest ancestor."""

RETRY_AFTER_S = 5

CODE_BY_STATUS = {
    400: "malformed_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    431: "too_large",
}


def error_response(code: str, message: str, details: dict[str, object], status: int) -> Response:
    """Return an error in its JSON shape."""
    response = jsonify(success=False, error={"code": code, "message": message, "details": details})
    response.status_code = status
    return response


def http_status_of(error: errors.ServiceError) -> int:
    """Return the status of the nearest class in the table."""
    return next(STATUS_BY_ERROR[kind] for kind in type(error).__mro__ if kind in STATUS_BY_ERROR)


def _service_error(error: errors.ServiceError) -> Response:
    response = error_response(error.code, error.message, error.details, http_status_of(error))
    if response.status_code == 503:
        response.headers["Retry-After"] = str(error.details.get("retry_after_s", RETRY_AFTER_S))
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    code = CODE_BY_STATUS.get(status, (error.name or "error").lower().replace(" ", "_"))
    response = error_response(code, _http_message(error), {}, status)
    kept = ("allow", "retry-after")
    response.headers.extend([pair for pair in error.get_headers() if pair[0].lower() in kept])
    return response


def _http_message(error: HTTPException) -> str:
    """Return what was expected and what was received, for errors of routing and of the server."""
    received = f"{request.method} {request.path[:200]}"
    if isinstance(error, RequestEntityTooLarge):
        return (
            f"expected a body of at most {request.max_content_length or 0:,} bytes, "
            f"got {request.content_length or 0:,} or more"
        )
    if isinstance(error, MethodNotAllowed):
        return f"expected {' or '.join(sorted(error.valid_methods or ()))}, got {received}"
    if isinstance(error, HttpNotFound):
        return f"expected a path that /docs lists, got {received}"
    return error.description or error.name


def _internal_error(error: Exception) -> Response:
    logger.exception("a request failed with an unexpected %s", type(error).__name__)
    message = (
        f"the service failed unexpectedly; its log has the reason under request id {current_request_id()}"
    )
    return error_response("internal_error", message, {}, 500)


def register(app: Flask) -> None:
    """Answer every error of `app` in the shape of `ErrorAnswer`."""
    app.register_error_handler(errors.ServiceError, _service_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _internal_error)
