"""Errors with which the service can answer: a code, a message and details. No HTTP here."""

from collections.abc import Mapping
from typing import ClassVar


class ServiceError(Exception):
    """Base class of all errors of the service; `api.http.errors` maps each subclass to a status.

    Args:
        message: One sentence that says what was expected and what was received.
        details: JSON-serialisable facts for a program, such as names, limits and values.
    """

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str, details: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, object] = dict(details or {})


class InvalidRequest(ServiceError):
    """A value in a well-formed request cannot be used."""

    code = "invalid_request"


class MalformedRequest(ServiceError):
    """The body is empty, or it is not in the format that it claims to have."""

    code = "malformed_request"


class UnknownVocabulary(InvalidRequest):
    """The requested vocabulary does not exist."""

    code = "unknown_vocabulary"


class ReservedName(ServiceError):
    """The name belongs to something built in, which cannot be changed."""

    code = "reserved_name"


class InvalidImage(InvalidRequest):
    """The bytes are an image file of a supported format that cannot be decoded or used."""

    code = "invalid_image"


class RequestTimeout(ServiceError):
    """The client took too long to send its request."""

    code = "request_timeout"


class UnsupportedMedia(ServiceError):
    """The bytes are not an image of a supported format, or the body has the wrong content type."""

    code = "unsupported_media"


class TooLarge(ServiceError):
    """The body or the image exceeds a configured limit."""

    code = "too_large"


class NotFound(ServiceError):
    """The requested item does not exist, or it does not exist any more."""

    code = "not_found"


class Overloaded(ServiceError):
    """Too many requests or jobs are waiting.

    Args:
        message: One sentence that says which queue is full.
        retry_after_s: Seconds after which a retry is likely to succeed.
    """

    code = "overloaded"

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message, {"retry_after_s": retry_after_s})
        self.retry_after_s = retry_after_s


class JobLost(ServiceError):
    """The processes that ran a job ended before the job did."""

    code = "job_lost"


class ModelUnavailable(ServiceError):
    """A model cannot be used: its weights are missing or damaged, or it cannot be loaded."""

    code = "model_unavailable"


class DownloadFailed(ModelUnavailable):
    """A weight file could not be fetched, or its content differs from the manifest."""

    code = "download_failed"


class StorageUnavailable(ServiceError):
    """A store of images, jobs or weights cannot be used: the disk is full, read-only or damaged."""

    code = "storage_unavailable"


def error_body(error: ServiceError) -> dict[str, object]:
    """Return the JSON object that describes an error in answers and in stored jobs."""
    return {"code": error.code, "message": error.message, "details": error.details}
