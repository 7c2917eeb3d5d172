"""The two shapes every JSON answer has, and answers checked against /openapi.json."""

from typing import Any

from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse


def check_error(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The error body of an answer in the one error shape."""
    assert answer.status_code == status, answer.text
    body = answer.get_json()
    assert set(body) == {"success", "error"}
    assert body["success"] is False
    assert set(body["error"]) == {"code", "message", "details"}
    assert body["error"]["code"] == code, body
    assert isinstance(body["error"]["details"], dict)
    assert len(body["error"]["message"]) > 10
    assert answer.headers["X-Request-ID"]
    error: dict[str, Any] = body["error"]
    return error


def check_success(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    """The body of an answer in the success envelope."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.get_json()
    assert body["success"] is True
    assert isinstance(body["models"], dict)
    assert isinstance(body["timings_ms"], dict)
    assert answer.headers["X-Request-ID"]
    return body


def check_documented(client: FlaskClient, answer: TestResponse, method: str, path: str) -> None:
    """The answer is one that /openapi.json promises."""
    specification = client.get("/openapi.json").get_json()
    promised = specification["paths"][path][method]["responses"]
    assert str(answer.status_code) in promised, f"{method} {path} does not document {answer.status_code}"
    schema = promised[str(answer.status_code)]["content"]["application/json"]["schema"]
    whole = {**schema, "components": specification["components"]}
    Draft202012Validator(whole).validate(answer.get_json())
