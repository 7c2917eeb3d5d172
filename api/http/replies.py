"""Puts an answer into an HTTP response."""

from datetime import UTC, datetime

from flask import Response

from api.contract.common import Answer


def reply(answer: Answer, status: int = 200) -> Response:
    """The answer as JSON, without the optional members that were not set."""
    return Response(json_of(answer), status, mimetype="application/json")


def json_of(answer: Answer) -> str:
    """The JSON text of an answer."""
    return answer.model_dump_json(exclude_unset=True)


def iso(seconds: float | None) -> str | None:
    """Unix seconds as ISO 8601, UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
