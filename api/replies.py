"""Puts an answer into an HTTP response."""

from flask import Response

from api.schemas.answer import Answer


def reply(answer: Answer, status: int = 200) -> Response:
    """The answer as JSON, without the optional members that were not set."""
    body = answer.model_dump_json(exclude_unset=True)
    return Response(body, status, mimetype="application/json")
