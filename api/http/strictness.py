"""Refuses what a request says beyond the OpenAPI description of its operation, for all endpoints."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from flask import request

from api.contract.validation import refused_field
from api.http.form_parser import MULTIPART
from api.http.hooks import QUIET_PATHS
from api.http.openapi import OpenApiApp
from domain.errors import MalformedRequest, UnsupportedMedia

MANY = 1_000_000
"""Largest number of values of a field that may be repeated without a limit of its own."""


@dataclass(frozen=True)
class FormField:
    """A field of a multipart form.

    Attributes:
        is_file: Whether it is a file; else it is text.
        required: Whether it must be sent.
        most: Largest number of values.
    """

    is_file: bool
    required: bool
    most: int


@dataclass(frozen=True)
class DocumentedOperation:
    """The description of one method of one path.

    Attributes:
        query: Names of the query parameters; each may be sent once.
        takes_body: Whether there may be a body.
        form: Fields of the multipart form by name; None where the body cannot be a form.
    """

    query: frozenset[str] = frozenset()
    takes_body: bool = False
    form: Mapping[str, FormField] | None = None

    @classmethod
    def of(cls, operation: Mapping[str, Any]) -> "DocumentedOperation":
        """Return the operation of an OpenAPI document."""
        parameters = operation.get("parameters", [])
        content = operation.get("requestBody", {}).get("content", {})
        form = content.get(MULTIPART, {}).get("schema")
        return cls(
            frozenset(one["name"] for one in parameters if one["in"] == "query"),
            bool(content),
            None if form is None else dict(_form_fields(form)),
        )


def register(app: OpenApiApp) -> None:
    """Check every request to a documented operation of `app`; all routes must have been registered."""
    operations = {
        (path, method.upper()): DocumentedOperation.of(operation)
        for path, methods in app.api_doc["paths"].items()
        for method, operation in methods.items()
    }

    def check() -> None:
        rule = request.url_rule.rule if request.url_rule else ""
        path, method = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule), request.method.replace("HEAD", "GET")
        operation = operations.get((path, method))
        # Load balancers and browsers add parameters of their own to probes and pages, which have no options.
        if operation is not None and path not in QUIET_PATHS:
            _check_address(operation)
            _check_body(operation)

    app.before_request(check)


def _form_fields(schema: Mapping[str, Any]) -> Iterator[tuple[str, FormField]]:
    """Yield the fields of a form by name, given its JSON schema."""
    for name, one in schema["properties"].items():
        forms = one.get("anyOf", [one])
        items = next((form for form in forms if form.get("type") == "array"), None)
        is_file = (items or one).get("items", one).get("format") == "binary"
        most = 1 if items is None else items.get("maxItems", MANY) if is_file else MANY
        yield name, FormField(is_file, name in schema.get("required", ()), most)


def _check_address(operation: DocumentedOperation) -> None:
    """Refuse a parameter that is unknown or repeated, and an address that is not UTF-8."""
    path = str(request.environ["PATH_INFO"]).encode("latin-1")  # WSGI gives bytes as Latin-1 (PEP 3333).
    try:
        path.decode()
        pairs = parse_qsl(request.query_string.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        got = (path + b"?" + request.query_string)[:200].decode("ascii", "backslashreplace")
        raise MalformedRequest(f"expected an address in percent-encoded UTF-8, got {got}") from error
    for name, count in Counter(name for name, _ in pairs).items():
        if name not in operation.query:
            raise refused_field(name, _one_of("query parameters", operation.query), "an unknown one")
        if count > 1:
            raise refused_field(name, "expected one value", str(count))


def _check_body(operation: DocumentedOperation) -> None:
    """Refuse a body that is not read, is compressed, or is a form with other fields."""
    if not operation.takes_body:
        if request.content_length or request.stream.read(1):
            raise MalformedRequest(f"expected no body for {request.method} {request.path[:200]}, got one")
        return
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity"):
        raise UnsupportedMedia(f"expected a body without compression, got Content-Encoding: {encoding[:80]}")
    if request.mimetype == MULTIPART:
        if operation.form is None:
            raise UnsupportedMedia("expected a JSON body (Content-Type: application/json), got a form")
        _check_form(operation.form)


def _check_form(fields: Mapping[str, FormField]) -> None:
    """Refuse a form that lacks a field, or has one that is unknown, of the other kind or repeated."""
    _check_required(fields)
    for sent, is_file in ((request.form, False), (request.files, True)):
        for name, values in sent.lists():
            _check_field(fields, name, len(values), is_file)


def _check_required(fields: Mapping[str, FormField]) -> None:
    for name, one in fields.items():
        if one.required and name not in (request.files if one.is_file else request.form):
            sent = sorted([*request.files, *(f"{text} (text)" for text in request.form)])
            got = ", ".join(sent)[:200] or "no fields"
            raise MalformedRequest(
                f"expected a file field named `{name}` (with curl: -F {name}=@FILE), got {got}"
                if one.is_file
                else f"expected a text field named `{name}`, got {got}"
            )


def _check_field(fields: Mapping[str, FormField], name: str, count: int, is_file: bool) -> None:
    kind = "file" if is_file else "text"
    known = fields.get(name)
    if known is None:
        raise refused_field(name, _one_of("fields", fields), f"an unknown {kind} field")
    if known.is_file and not is_file:
        raise refused_field(name, f"expected a file (with curl: -F {name}=@FILE)", "text")
    if is_file and not known.is_file:
        raise refused_field(
            name, f"expected text; a file is sent as text with curl by -F '{name}=<FILE'", "a file"
        )
    if count > known.most:
        unit = "file" if is_file else "value"
        limit = f"one {unit}" if known.most == 1 else f"at most {known.most} {unit}s"
        raise refused_field(name, f"expected {limit}", str(count))


def _one_of(what: str, names: Mapping[str, Any] | frozenset[str]) -> str:
    return f"expected one of the {what} {', '.join(sorted(names))}" if names else f"expected no {what}"
