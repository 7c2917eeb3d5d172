"""Calls and colours that the tests of the search index share."""

from typing import Any

from flask.testing import FlaskClient

from tests.contract.shapes import check_documented, check_success

COLORS = ["red", "green", "blue"]
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
ABSENT = "0" * 32
OFF = {"x": 1, "y": 1, "label": 0}


def call(client: FlaskClient, method: str, path: str, documented: str = "", **sent: Any) -> dict[str, Any]:
    """The body of a successful answer that is as documented."""
    answer = client.open(path, method=method, **sent)
    check_documented(client, answer, method.lower(), documented or path.split("?")[0])
    return check_success(answer)


def put(client: FlaskClient, *file_ids: str, **options: Any) -> list[dict[str, Any]]:
    """Index images with the three colours as labels; the entries of the answer."""
    body = {"file_ids": [*file_ids], "labels": COLORS, **options}
    return list(call(client, "POST", "/index", json=body)["indexed"])
