"""Every error the service can answer with: a code, a message that helps, and details. No HTTP here."""

from collections.abc import Mapping
from typing import ClassVar


class ServiceError(Exception):
    """Base of the tree; `api.http.errors` maps it to a status through its subclass.

    Args:
        message: One sentence: what was expected and what came.
        details: JSON-serialisable facts for a program (names, limits, values).
    """

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str, details: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, object] = dict(details or {})


class InvalidRequest(ServiceError):
    """The request was understood as HTTP, and a value in it cannot be used."""

    code = "invalid_request"


class MalformedRequest(ServiceError):
    """The body could not be read at all: empty, or not the format it claims to be."""

    code = "malformed_request"


class UnknownVocabulary(InvalidRequest):
    """No vocabulary file has the name asked for."""

    code = "unknown_vocabulary"


class ReservedName(ServiceError):
    """The name is that of something that comes with the service and is not to be changed."""

    code = "reserved_name"


class InvalidImage(InvalidRequest):
    """The bytes are an image file of a known format, and cannot be decoded or used."""

    code = "invalid_image"


class UnsupportedMedia(ServiceError):
    """The bytes are no image of a format the service reads, or the body has the wrong type."""

    code = "unsupported_media"


class TooLarge(ServiceError):
    """The body or the image is over a configured limit."""

    code = "too_large"


class NotFound(ServiceError):
    """The thing named by the caller does not exist, or not any more."""

    code = "not_found"


class Overloaded(ServiceError):
    """Too many requests wait already.

    Args:
        message: What is full.
        retry_after_s: Seconds after which a retry has a fair chance.
    """

    code = "overloaded"

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message, {"retry_after_s": retry_after_s})
        self.retry_after_s = retry_after_s


class JobLost(ServiceError):
    """The processes that ran a job ended before it did."""

    code = "job_lost"


class ModelUnavailable(ServiceError):
    """A model of the profile cannot answer: weights missing, damaged, or still loading."""

    code = "model_unavailable"


class DownloadFailed(ModelUnavailable):
    """A weight file could not be fetched, or what came is not what the manifest says."""

    code = "download_failed"


class StorageUnavailable(ServiceError):
    """A store of images or weights cannot write or read: the disk is full, read-only or damaged."""

    code = "storage_unavailable"
