"""/search."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from domain.arrays import Rgb
from domain.errors import ModelUnavailable
from tests.conftest import Build
from tests.contract.pictures import plain, upload
from tests.contract.search_calls import ABSENT, GREEN, RED, call, put
from tests.contract.shapes import check_documented, check_error


@pytest.fixture
def red(client: FlaskClient) -> str:
    return upload(client, plain(RED))


@pytest.fixture
def green(client: FlaskClient) -> str:
    return upload(client, plain(GREEN))


def test_text_finds_photographs(client: FlaskClient, red: str, green: str) -> None:
    assert put(client, red, green, regions=False) == [
        {"file_id": red, "regions": 0},
        {"file_id": green, "regions": 0},
    ]
    results = call(client, "GET", "/search?q=something green&limit=1")["results"]
    assert [(entry["file_id"], entry["score"]) for entry in results] == [(green, pytest.approx(1, abs=0.01))]
    assert set(results[0]) == {"file_id", "score", "duplicates"}
    assert call(client, "GET", "/search?q=red&scope=region")["results"] == []


def test_near_duplicates_stand_together(client: FlaskClient, red: str, green: str) -> None:
    again, reddish = upload(client, plain(RED)), upload(client, plain((250, 20, 20)))
    put(client, green, reddish, red, again, regions=False)
    (best, other) = call(client, "GET", "/search?q=red")["results"]
    assert {best["file_id"], *(entry["file_id"] for entry in best["duplicates"])} == {red, again, reddish}
    assert best["duplicates"][-1]["file_id"] == reddish
    assert (other["file_id"], other["duplicates"]) == (green, [])
    assert len(call(client, "GET", "/search?q=red&group=false")["results"]) == 4
    assert len(call(client, "GET", "/search?q=red&limit=1")["results"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/index", {"file_id": ABSENT}, 404, "not_found"),
        ("POST", "/index", {"file_id": ABSENT, "async": True}, 404, "not_found"),
        ("POST", "/index", {}, 422, "invalid_request"),
        ("POST", "/index", {"file_id": "a", "file_ids": ["b"]}, 422, "invalid_request"),
        ("POST", "/index", {"file_ids": ["b"], "async": True}, 422, "invalid_request"),
        ("POST", "/index", {"file_ids": []}, 422, "invalid_request"),
        ("POST", "/index", {"file_id": "a", "labels": ["unknown"]}, 422, "invalid_request"),
        ("POST", "/index", {"file_id": "a", "vocabulary": "klingon"}, 422, "unknown_vocabulary"),
        ("POST", "/index", {"file_id": "a", "min_area": 9, "max_area": 3}, 422, "invalid_request"),
        ("POST", "/index", {"file_id": "a", "overlay": True}, 422, "invalid_request"),
        ("POST", "/index/batch", {"file_ids": ["a"], "points_per_side": 0}, 422, "invalid_request"),
        ("GET", "/search", None, 422, "invalid_request"),
        ("GET", "/search?q=%20", None, 422, "invalid_request"),
        ("GET", f"/search?q={'x' * 201}", None, 422, "invalid_request"),
        ("GET", "/search?q=red&scope=all", None, 422, "invalid_request"),
        ("GET", "/search?q=red&limit=0", None, 422, "invalid_request"),
        ("GET", "/search?q=red&limit=101", None, 422, "invalid_request"),
        ("GET", "/search?q=red&top_k=1", None, 422, "invalid_request"),
        ("POST", "/similar", {"file_id": ABSENT}, 404, "not_found"),
        ("POST", "/similar", {}, 422, "invalid_request"),
        ("POST", "/similar", {"file_id": "a", "mask_index": 0, "box": [0, 0, 1, 1]}, 422, "invalid_request"),
        (
            "POST",
            "/similar",
            {"file_id": "a", "points": [{"x": 1, "y": 1, "label": 0}]},
            422,
            "invalid_request",
        ),
        ("POST", "/rank", {"q": "red"}, 422, "invalid_request"),
        ("POST", "/rank", {"q": "", "file_ids": ["a"]}, 422, "invalid_request"),
        ("POST", "/rank", {"q": "red", "file_ids": ["a"] * 101}, 422, "invalid_request"),
    ],
)
def test_what_is_refused(
    client: FlaskClient, method: str, path: str, body: dict[str, Any] | None, status: int, code: str
) -> None:
    answer = client.open(path, method=method, **({} if body is None else {"json": body}))
    check_error(answer, status, code)
    check_documented(client, answer, method.lower(), path.split("?")[0])


def test_without_a_labeller(build: Build, red_green: Rgb) -> None:
    client = build(labeller=ModelUnavailable("no weights")).test_client()
    file_id = upload(client, red_green)
    for answer in (
        client.post("/index", json={"file_ids": [file_id, file_id]}),
        client.get("/search?q=red"),
        client.post("/similar", json={"file_id": file_id}),
        client.post("/rank", json={"q": "red", "file_ids": [file_id]}),
        client.get("/index"),
    ):
        check_error(answer, 503, "model_unavailable")
        assert answer.headers["Retry-After"]
