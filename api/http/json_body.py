"""Reads JSON bodies strictly, whatever the content type: NaN and empty bodies are errors."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Request
from werkzeug.exceptions import HTTPException

from api.contract.validation import unique_members
from api.http.form_parser import StrictFormParser
from domain.errors import MalformedRequest, ServiceError, UnsupportedMedia
from services.images.formats import detect_format

MAX_JSON_BYTES = 4 * 1024 * 1024
"""Largest JSON body: 1,000 labels of 200 four-byte characters fit, and no body can fill the memory."""

LARGE_BODY_PATH = "/vocabularies"
"""Path whose bodies may hold images, so they may be as large as an upload."""


MAX_TEXT_BYTES = 1024 * 1024
"""Largest text field of a form: 1,000 labels of 200 characters."""


class JsonRequest(Request):
    """The request class of the app."""

    form_data_parser_class = StrictFormParser
    max_form_memory_size = MAX_TEXT_BYTES

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
            UnsupportedMedia: The body is in another charset than UTF-8, UTF-16 or UTF-32.
        """
        uploads = self.max_content_length if self.path == LARGE_BODY_PATH else None
        self.max_content_length = max(MAX_JSON_BYTES, uploads or 0)
        data = self.get_data()
        if not data.strip():
            raise MalformedRequest("expected a JSON object as the body, got an empty body")
        charset = self.mimetype_params.get("charset", "utf-8")
        if not charset.lower().startswith("utf") and not data.isascii():
            raise UnsupportedMedia(f"expected JSON in UTF-8, got charset={charset[:40]}")
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
        body = json.loads(data, parse_constant=_reject_constant, object_pairs_hook=unique_members)
    except (ValueError, RecursionError) as error:
        got = _other_kind(data) or f"invalid JSON: {error}"
        raise MalformedRequest(f"expected a JSON object as the body, got {got}") from error
    if not isinstance(body, dict):
        raise MalformedRequest(f"expected a JSON object as the body, got {_json_type(body)}")
    return body


JSON_TYPES: Mapping[type, str] = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
"""Names of the values other than objects and numbers, for messages."""


def _json_type(value: Any) -> str:
    """Return the name of the type of a decoded value that is not an object."""
    return JSON_TYPES.get(type(value), "a number")


def _other_kind(data: bytes) -> str | None:
    """Return what is sent by mistake in place of JSON, or None where it looks like none of these."""
    kind = detect_format(data)
    if kind is not None:
        return f"a {kind} image"
    if data.startswith(b"--") and b"content-disposition" in data[:500].lower():
        return "a multipart form whose Content-Type does not say so"
    return "fields of a form (name=value)" if re.match(rb"[\w%.+\[\]-]+=", data) else None


def _reject_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON value")
