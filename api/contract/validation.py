"""Says in words what a body that does not fit its schema should have been."""

from collections.abc import Iterable, Iterator
from typing import NoReturn

from pydantic import ValidationError

from domain.errors import InvalidRequest

SHOWN = 80
MOST = 10


def raise_invalid(error: ValidationError) -> NoReturn:
    """Say in one sentence what a body that does not fit its schema should have been.

    Raises:
        InvalidRequest: Always.
    """
    raise InvalidRequest(validation_message(error), {"errors": _problems(error)[:MOST]})


def validation_message(error: ValidationError) -> str:
    """What was expected and what came, for each of the first fields that do not fit."""
    return "; ".join(_sentence(problem) for problem in _problems(error)[:MOST])


def _problems(error: ValidationError) -> list[dict[str, str | None]]:
    return [
        {
            "field": ".".join(map(_shortened, _fields(item["loc"]))) or "body",
            "expected": item["msg"].removeprefix("Value error, "),
            "got": _shown(item["input"]) if item["loc"] else None,
        }
        for item in error.errors(include_url=False, include_context=False)
    ]


def _fields(place: Iterable[str | int]) -> Iterator[str]:
    """The way to a value, without the tags (in angle brackets) of unions on it."""
    return (part for part in map(str, place) if not part.startswith("<"))


def _shown(value: object) -> str:
    return _shortened(repr(value))


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _sentence(problem: dict[str, str | None]) -> str:
    got = "" if problem["got"] is None else f", got {problem['got']}"
    return f"{problem['field']}: {problem['expected']}{got}"
