"""Turns validation errors of pydantic into one sentence and details."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from pydantic import ValidationError

from domain.errors import InvalidRequest, MalformedRequest

MAX_VALUE_CHARS = 80
MAX_PROBLEMS = 10


def raise_invalid_request(error: ValidationError) -> NoReturn:
    """Refuse a body that does not fit its schema.

    Raises:
        InvalidRequest: Always.
    """
    raise InvalidRequest(validation_message(error), {"errors": _field_problems(error)[:MAX_PROBLEMS]})


def refused_field(name: str, expected: str, got: str) -> InvalidRequest:
    """Return the error about one field or parameter, in the shape that errors of a schema have."""
    problem: dict[str, str | None] = {"field": _shorten(name), "expected": expected, "got": got}
    return InvalidRequest(_problem_sentence(problem), {"errors": [problem]})


def unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members of a JSON object, as the `object_pairs_hook` of `json.loads`.

    Raises:
        MalformedRequest: A name comes twice, so that one of its values would be lost.
    """
    members = dict(pairs)
    if len(members) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise MalformedRequest(
            f"{_shorten(twice)}: expected each member of an object once, got it twice or more"
        )
    return members


def strict_json(text: str | bytes) -> Any:
    """Return the decoded value of a JSON text.

    Raises:
        ValueError: The text is no JSON; NaN and infinities are none.
        RecursionError: It is nested too deeply.
        MalformedRequest: An object has two members of one name.
    """
    return json.loads(text, parse_constant=_reject_constant, object_pairs_hook=unique_members)


def _reject_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON value")


def validation_message(error: ValidationError) -> str:
    """Return what was expected and what was received, for the first fields that do not fit."""
    return "; ".join(_problem_sentence(problem) for problem in _field_problems(error)[:MAX_PROBLEMS])


def _field_problems(error: ValidationError) -> list[dict[str, str | None]]:
    return [
        {
            "field": ".".join(map(_shorten, _field_path(item["loc"]))) or "body",
            "expected": _expected(item["type"], item["msg"]),
            "got": _shorten_repr(item["input"]) if item["loc"] else None,
        }
        for item in error.errors(include_url=False, include_context=False)
    ]


def _expected(kind: str, message: str) -> str:
    """Return what was expected, without the names of classes."""
    return "Input should be an object" if kind == "model_type" else message.removeprefix("Value error, ")


def _field_path(place: Iterable[str | int]) -> Iterator[str]:
    """Yield the path of a value without the tags of unions, which stand in angle brackets."""
    return (part for part in map(str, place) if not part.startswith("<"))


def _shorten_repr(value: object) -> str:
    return _shorten(repr(value))


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_VALUE_CHARS else text[: MAX_VALUE_CHARS - 1] + "…"


def _problem_sentence(problem: dict[str, str | None]) -> str:
    got = "" if problem["got"] is None else f", got {problem['got']}"
    return f"{problem['field']}: {problem['expected']}{got}"
