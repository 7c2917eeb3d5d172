"""Reads JSON bodies strictly: no NaN, no silent None, whatever the content type says."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Request
from werkzeug.exceptions import HTTPException

from domain.errors import MalformedRequest, ServiceError, UnsupportedMedia

MAX_JSON_BYTES = 4 * 1024 * 1024
"""1,000 labels of 200 four-byte characters fit; a body cannot fill the memory."""

LARGE_BODY_PATH = "/vocabularies"
"""What is sent here may hold pictures: it may be as large as an upload."""


class JsonRequest(Request):
    """The request class of the app."""

    def get_data(self, *args: Any, **kwargs: Any) -> Any:
        """The body.

        Raises:
            MalformedRequest: It broke off.
        """
        with _complete_body():
            return super().get_data(*args, **kwargs)

    def _load_form_data(self) -> None:
        with _complete_body():
            super()._load_form_data()

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:  # noqa: ARG002
        """The decoded body.

        Raises:
            MalformedRequest: It is empty or no JSON.
            UnsupportedMedia: It is a multipart form.
        """
        if self.mimetype == "multipart/form-data":
            raise UnsupportedMedia("expected a JSON body (Content-Type: application/json), got a form")
        uploads = self.max_content_length if self.path == LARGE_BODY_PATH else None
        self.max_content_length = max(MAX_JSON_BYTES, uploads or 0)
        data = self.get_data()
        if not data.strip():
            raise MalformedRequest("expected a JSON object as body, got an empty body")
        return _parse_json_object(data)


@contextmanager
def _complete_body() -> Iterator[None]:
    try:
        yield
    except (HTTPException, ServiceError):
        raise
    # Each server has types of its own for a connection or a chunk that breaks off.
    except Exception as error:
        raise MalformedRequest(f"expected a whole body, got one that breaks off: {error}") from error


def _parse_json_object(data: bytes) -> Any:
    try:
        body = json.loads(data, parse_constant=_reject_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedRequest(f"expected a JSON object as body: {error}") from error
    if not isinstance(body, dict):
        raise MalformedRequest(f"expected a JSON object as body, got a {type(body).__name__}")
    return body


def _reject_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
