"""Reads a multipart form as the body of a request: text becomes what the request's fields expect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from api.contract.schema import Schema
from api.contract.validation import refused_field, strict_json
from services.vocabularies.split import split_labels

IMAGE_FIELD = "image"

OPTIONS_FIELD = "options"
"""Text field that may hold options as one JSON object."""

JSON_ONLY = ("file_id", "file_ids", "image_url")
"""Members that a form does not have, because it brings the image itself."""

SPLIT_LISTS = ("labels", "texts")
"""Lists of text that a form may also have as text with commas, or as several fields."""

JSON_MEDIA_TYPE = "application/json"

_SCALARS: Mapping[str, TypeAdapter[Any]] = {
    "boolean": TypeAdapter(bool),
    "integer": TypeAdapter(int | float),
    "number": TypeAdapter(int | float),
}


@dataclass(frozen=True)
class SentFile:
    """An image file that came with a request.

    Attributes:
        name: File name as it was sent; None where none can be sent.
        data: Bytes of the file.
    """

    name: str | None
    data: bytes


@dataclass(frozen=True)
class FormBody:
    """The content of a multipart form.

    Attributes:
        texts: Values of each text field.
        files: Files of the field `image`.
    """

    texts: Mapping[str, Sequence[str]]
    files: tuple[SentFile, ...]


def form_members(request: type[BaseModel], form: FormBody) -> dict[str, Any]:
    """Return the members that a form means, to be validated as `request`.

    Text that is not of the type of its field stays text, so that it is refused as in JSON.

    Raises:
        InvalidRequest: A field is not JSON where JSON is expected, or a member was sent twice.
        MalformedRequest: A member of a JSON object comes twice.
    """
    kinds = _kinds(request)
    members: dict[str, Any] = {IMAGE_FIELD: form.files}
    for name, texts in form.texts.items():
        if name != OPTIONS_FIELD:
            members[name] = _value(name, texts, kinds.get(name, frozenset()))
    for name, value in _options(form).items():
        if name in members:
            raise refused_field(name, f"expected it as a field or in `{OPTIONS_FIELD}`", "both")
        members[name] = value
    return members


def form_schema(request: type[BaseModel], stored: bool, most_files: int) -> Schema:
    """Return the JSON schema of the form that stands for a request with an image.

    Args:
        request: The request as JSON.
        stored: Default of the field `store`.
        most_files: Largest number of image files.
    """
    whole = request.model_json_schema()
    fields = {
        name: _field_schema(name, schema, _kinds(request)[name])
        for name, schema in whole["properties"].items()
        if name not in JSON_ONLY
    }
    fields["store"] = {**fields["store"], "default": stored}
    fields[OPTIONS_FIELD] = _json_text("All or some of the other text fields as one JSON object.")
    return {
        "type": "object",
        "title": f"{request.__name__.removesuffix('Request')}Form",
        "properties": {**fields, IMAGE_FIELD: _file_schema(most_files)},
        "required": [IMAGE_FIELD],
        "additionalProperties": False,
        "example": {IMAGE_FIELD: "@photo.jpg"},
    }


def _file_schema(most: int) -> Schema:
    file = {"type": "string", "format": "binary"}
    if most == 1:
        return {**file, "description": "Image file, as in POST /upload."}
    text = "Image files, as in POST /upload; the field may be repeated."
    return {"type": "array", "items": file, "minItems": 1, "maxItems": most, "description": text}


def _field_schema(name: str, schema: Schema, kinds: frozenset[str]) -> Schema:
    if name in SPLIT_LISTS or not kinds & {"array", "object"}:
        return schema
    return _json_text(f"{schema['description']} As JSON.")


def _json_text(description: str) -> Schema:
    return {"type": "string", "contentMediaType": JSON_MEDIA_TYPE, "description": description}


@cache
def _kinds(request: type[BaseModel]) -> Mapping[str, frozenset[str]]:
    """Return the JSON types of each member of a request."""
    return {
        name: frozenset(one.get("type", "object") for one in schema.get("anyOf", [schema]))
        for name, schema in request.model_json_schema()["properties"].items()
    }


def _options(form: FormBody) -> dict[str, Any]:
    if OPTIONS_FIELD not in form.texts:
        return {}
    text = form.texts[OPTIONS_FIELD][-1]
    options = _json(OPTIONS_FIELD, text)
    if not isinstance(options, dict):
        raise refused_field(OPTIONS_FIELD, "expected a JSON object", repr(text[:80]))
    return options


def _value(name: str, texts: Sequence[str], kinds: frozenset[str]) -> Any:
    """Return the value that the texts of a field mean."""
    if name in SPLIT_LISTS:
        return [label for text in texts for label in split_labels(text, name)]
    text = texts[-1]
    scalar = next((adapter for kind, adapter in _SCALARS.items() if kind in kinds), None)
    if scalar is not None:
        try:
            return scalar.validate_python(text)
        except ValidationError:
            return text
    structured = bool(kinds & {"array", "object"})
    return _json(name, text) if structured and _is_json(text, kinds) else text


def _is_json(text: str, kinds: frozenset[str]) -> bool:
    return "string" not in kinds or text.lstrip()[:1] in ("{", "[")


def _json(name: str, text: str) -> Any:
    try:
        return strict_json(text)
    except (ValueError, RecursionError) as error:
        raise refused_field(name, "expected JSON", repr(text[:80])) from error
