"""Reads JSON bodies strictly, whatever the content type: NaN and empty bodies are errors."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Request
from werkzeug.exceptions import HTTPException

from domain.errors import MalformedRequest, ServiceError, UnsupportedMedia

MAX_JSON_BYTES = 4 * 1024 * 1024
"""Largest JSON body: 1,000 labels of 200 four-byte characters fit, and no body can fill the memory."""

LARGE_BODY_PATH = "/vocabularies"
"""Path whose bodies may hold images, so they may be as large as an upload."""


class JsonRequest(Request):
    """The request class of the app."""

    def get_data(self, *args: Any, **kwargs: Any) -> Any:
        """Return the bytes of the body.

        Raises:
            MalformedRequest: The body ended early.
        """
        with _complete_body():
            return super().get_data(*args, **kwargs)

    def _load_form_data(self) -> None:
        with _complete_body():
            super()._load_form_data()

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:  # noqa: ARG002
        """Return the decoded body.

        Raises:
            MalformedRequest: The body is empty or not a JSON object.
            UnsupportedMedia: The body is a multipart form.
        """
        if self.mimetype == "multipart/form-data":
            raise UnsupportedMedia("expected a JSON body (Content-Type: application/json), got a form")
        uploads = self.max_content_length if self.path == LARGE_BODY_PATH else None
        self.max_content_length = max(MAX_JSON_BYTES, uploads or 0)
        data = self.get_data()
        if not data.strip():
            raise MalformedRequest("expected a JSON object as the body, got an empty body")
        return _parse_json_object(data)


@contextmanager
def _complete_body() -> Iterator[None]:
    try:
        yield
    except (HTTPException, ServiceError):
        raise
    # Each server has types of its own for a connection or a chunk that ends early.
    except Exception as error:
        raise MalformedRequest(f"expected a complete body, got one that ends early: {error}") from error


def _parse_json_object(data: bytes) -> Any:
    try:
        body = json.loads(data, parse_constant=_reject_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedRequest(f"expected a JSON object as the body, got invalid JSON: {error}") from error
    if not isinstance(body, dict):
        raise MalformedRequest(f"expected a JSON object as the body, got {_json_type(body)}")
    return body


JSON_TYPES: Mapping[type, str] = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
"""Names of the values other than objects and numbers, for messages."""


def _json_type(value: Any) -> str:
    """Return the name of the type of a decoded value that is not an object."""
    return JSON_TYPES.get(type(value), "a number")


def _reject_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON value")
