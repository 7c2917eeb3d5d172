"""Images in the call, at every POST that takes a `file_id`: in forms, in JSON and by URL."""

import base64
import gzip
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.http.json_body import IMAGE_PATHS, MAX_JSON_BYTES
from app import create_app
from config.settings import Settings
from domain.arrays import Rgb
from tests.conftest import Build, fake_services, png_bytes
from tests.contract.shapes import check_documented, check_error, check_success
from tests.contract.test_jobs import until
from tests.loopback import Answer, Loopback, broken, dripping, serving, status

ENDPOINTS: dict[str, dict[str, Any]] = {
    "/segment": {"labels": ["red", "green"], "prompt_type": "box", "box": [0, 0, 80, 90], "masks": "rle"},
    "/analyze": {"labels": ["red", "green"], "points_per_side": 4, "depth": False},
    "/caption": {"labels": ["red", "green"], "candidates": 2},
    "/moderate": {"regions": False},
    "/index": {"labels": ["red", "green"], "regions": True},
    "/classify": {"labels": ["red", "green"], "confidence_threshold": 0.25},
    "/similar": {"limit": 3, "box": [0, 0, 80, 90]},
    "/depth": {"format": "color"},
    "/extract_text": {"min_confidence": 0.1},
}
"""Options of each endpoint, of all types."""

STORE_NO_FORMS = {"/classify", "/similar"}

JOBS = ("/segment", "/analyze", "/caption", "/moderate", "/index")

WAYS = ["form", "form with options", "base64", "data URL", "image_url"]


@pytest.fixture
def server(red_green: Rgb) -> Iterator[Loopback]:
    """A server of the photograph on the loopback interface."""
    with serving() as found:
        found.answers.append(
            lambda handler: handler.reply(200, png_bytes(red_green), Content_Type="image/png")
        )
        yield found


@pytest.fixture
def client(settings: Settings) -> Iterator[FlaskClient]:
    """A client of a service that may fetch from the loopback interface."""
    chosen = settings.model_copy(update={"fetch_urls": "127.0.0.1"})
    app = create_app(chosen, fake_services(chosen))
    yield app.test_client()
    app.extensions["jobs"].stop(10)


def form_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@pytest.fixture
def send(client: FlaskClient, server: Loopback, red_green: Rgb) -> Callable[..., TestResponse]:
    """Sends the photograph, or other bytes, in one of the ways."""

    def call(path: str, way: str, data: bytes | None = None, **options: Any) -> TestResponse:
        data = png_bytes(red_green) if data is None else data
        if way.startswith("form"):
            whole = {"options": json.dumps(options)} if way == "form with options" else {}
            texts = whole or {name: form_text(value) for name, value in options.items()}
            return client.post(path, data={"image": (io.BytesIO(data), "a.png"), **texts})
        text = base64.b64encode(data).decode()
        server.answers[:] = [lambda handler: handler.reply(200, data, Content_Type="image/png")]
        image = {
            "base64": {"image": text},
            "data URL": {"image": f"data:image/png;base64,{text}"},
            "image_url": {"image_url": server.url + "/a.png"},
        }[way]
        return client.post(path, json={**image, **options})

    return call


def without_ids(answer: Any) -> Any:
    """An answer without what differs from call to call."""
    if isinstance(answer, list):
        return [without_ids(one) for one in answer]
    if isinstance(answer, dict):
        left_out = ("file_id", "name", "timings_ms")
        return {name: without_ids(value) for name, value in answer.items() if name not in left_out}
    return answer


def stored_id(path: str, body: dict[str, Any]) -> str | None:
    entry = {"/index": "indexed", "/classify": "results"}.get(path)
    return (body[entry][0] if entry else body).get("file_id")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", ENDPOINTS)
def test_the_answer_is_that_of_an_upload(
    client: FlaskClient, file_id: str, send: Callable[..., TestResponse], path: str, way: str
) -> None:
    answer = send(path, way, **ENDPOINTS[path])
    check_documented(client, answer, "post", path)
    body = check_success(answer)
    uploaded = check_success(client.post(path, json={"file_id": file_id, **ENDPOINTS[path]}))
    if path == "/similar":  # The region is looked for in an empty index.
        assert body["results"] == []
    assert without_ids(body) == without_ids(uploaded)
    stored = stored_id(path, body)
    assert (stored is None) == (way.startswith("form") and path in STORE_NO_FORMS)
    if stored is not None:
        assert stored != file_id
        assert client.get(f"/upload/{stored}/image").status_code == 200


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", sorted(ENDPOINTS.keys() - {"/index"}))
def test_store_decides_whether_the_image_is_kept(
    client: FlaskClient, settings: Settings, send: Callable[..., TestResponse], path: str, way: str
) -> None:
    body = check_success(send(path, way, store=False))
    assert stored_id(path, body) is None
    assert not [*settings.data_dir.glob("images/**/*")]
    kept = stored_id(path, check_success(send(path, way, store=True)))
    assert client.get(f"/upload/{kept}/image").status_code == 200


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", ENDPOINTS)
def test_errors_of_the_image_are_those_of_upload(
    client: FlaskClient, settings: Settings, send: Callable[..., TestResponse], path: str, way: str
) -> None:
    whole = png_bytes(np.zeros((64, 64, 3), np.uint8))
    for data in (b"no image at all", whole[:-30]):
        uploaded = client.post("/upload", data=data).get_json()["error"]
        answer = send(path, way, data)
        check_documented(client, answer, "post", path)
        assert answer.get_json()["error"] == uploaded
    assert not [*settings.data_dir.glob("images/**/*")]


@pytest.mark.parametrize("path", ENDPOINTS)
def test_exactly_one_image_is_expected(client: FlaskClient, file_id: str, path: str) -> None:
    both = {"file_id": file_id, "image": "AAAA"}
    for body, got in (
        ({}, "none"),
        (both, "`file_id`, `image`"),
        ({**both, "image_url": "x"}, "`image_url`"),
    ):
        answer = client.post(path, json=body)
        check_documented(client, answer, "post", path)
        message = check_error(answer, 422, "invalid_request")["message"]
        assert "expected exactly one of `file_id`" in message
        assert message.endswith(got)
    error = check_error(client.post(path, json={"file_id": file_id, "store": False}), 422, "invalid_request")
    assert "`store` false expects `image` or `image_url`" in error["message"]
    for image in ({"image": "!"}, {"image": 5}, {"image": ["AAAA"]}, {"image_url": "file:///etc/passwd"}):
        check_error(client.post(path, json=image), 422, "invalid_request")


def test_a_failed_call_keeps_nothing(settings: Settings, send: Callable[..., TestResponse]) -> None:
    for way in WAYS:
        outside = {"prompt_type": "box", "box": [900, 900, 950, 950]}
        check_error(send("/segment", way, **outside), 422, "invalid_request")
        check_error(send("/segment", way, labels=["unknown"]), 422, "invalid_request")
        check_error(send("/segment", way, frobnicate=1), 422, "invalid_request")
    assert not [*settings.data_dir.glob("images/**/*")]


@pytest.mark.parametrize("path", JOBS)
@pytest.mark.parametrize("way", WAYS)
def test_a_job_reads_the_stored_image(
    client: FlaskClient, send: Callable[..., TestResponse], path: str, way: str
) -> None:
    answer = send(path, way, **{"async": True})
    check_documented(client, answer, "post", path)
    accepted = check_success(answer, 202)
    assert client.get(f"/upload/{accepted['file_id']}/image").status_code == 200
    assert until(client, accepted["status_url"], "succeeded")["result"]
    refused = send(path, way, **{"async": True, "store": False})
    assert "`store` true" in check_error(refused, 422, "invalid_request")["message"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"top_k": "many"}, "top_k: Input should be a valid integer, got 'many'"),
        ({"overlay": "maybe"}, "overlay: Input should be a valid boolean, got 'maybe'"),
        ({"confidence_threshold": "nan"}, "confidence_threshold: Input should be a finite number"),
        ({"box": "1,2,3,4"}, "box: expected JSON, got '1,2,3,4'"),
        ({"box": "[1, 2, 3]", "prompt_type": "box"}, "box: List should have at least 4 items"),
        ({"points": '[{"x": 1, "x": 2}]'}, "x: expected each member of an object once"),
        ({"labels": "[1]"}, "labels: expected"),
        ({"masks": "gold"}, "masks: Input should be 'none'"),
        ({"options": "[]"}, "options: expected a JSON object, got '[]'"),
        ({"options": "{"}, "options: expected JSON, got '{'"),
        ({"options": '{"top_k": "1"}'}, "top_k: Input should be a valid integer, got '1'"),
        ({"options": '{"x": 1}'}, "x: Extra inputs are not permitted"),
        (
            {"options": '{"top_k": 1}', "top_k": "1"},
            "top_k: expected it as a field or in `options`, got both",
        ),
        ({"options": '{"image": "AAAA"}'}, "image: expected it as a field or in `options`, got both"),
        ({"options": '{"file_id": "a"}'}, "expected exactly one of"),
    ],
)
def test_what_a_form_cannot_say(
    client: FlaskClient, red_green: Rgb, fields: dict[str, str], words: str
) -> None:
    answer = client.post("/segment", data={"image": (io.BytesIO(png_bytes(red_green)), "a.png"), **fields})
    check_documented(client, answer, "post", "/segment")
    assert answer.status_code in (400, 422)
    assert words in answer.get_json()["error"]["message"]


def test_several_files_of_classify_can_be_stored(client: FlaskClient, red_green: Rgb) -> None:
    files = [(io.BytesIO(data), name) for data, name in ((png_bytes(red_green), "a"), (b"no image", "b"))]
    body = check_success(client.post("/classify", data={"image": files, "store": "true"}))
    good, bad = body["results"]
    assert client.get(f"/upload/{good['file_id']}/image").status_code == 200
    assert (good["name"], bad["name"], bad["error"]["code"]) == ("a", "b", "unsupported_media")


def test_a_document_names_the_stored_image(send: Callable[..., TestResponse]) -> None:
    stored = send("/segment", "form", format="coco").get_json()["images"][0]["file_name"]
    assert len(stored) == 32
    unnamed = send("/segment", "form", format="coco", store=False).get_json()["images"][0]["file_name"]
    assert unnamed == "image"


def test_an_image_in_json_may_be_as_large_as_an_upload(client: FlaskClient, settings: Settings) -> None:
    text = base64.b64encode(bytes(settings.max_upload_bytes)).decode()
    answer = client.post("/segment", json={"image": text})
    assert answer.get_json()["error"]["code"] == "unsupported_media"  # It was read.
    much = base64.b64encode(bytes(settings.max_upload_bytes + 1)).decode()
    check_error(client.post("/segment", json={"image": much}), 413, "too_large")
    endless = "A" * (MAX_JSON_BYTES + 2 * settings.max_upload_bytes)
    check_error(client.post("/segment", json={"image": endless}), 413, "too_large")
    check_error(client.post("/segment/batch", json={"file_ids": ["A" * MAX_JSON_BYTES]}), 413, "too_large")


def test_a_url_is_fetched_only_where_the_operator_allows_it(build: Build, server: Loopback) -> None:
    error = check_error(
        build().test_client().post("/segment", json={"image_url": server.url}), 422, "invalid_request"
    )
    assert "image_url" in error["message"]
    assert server.requests == []


def test_a_host_that_fails_is_a_bad_gateway(client: FlaskClient, server: Loopback) -> None:
    server.answers[:] = [lambda handler: handler.reply(404)]
    answer = client.post("/segment", json={"image_url": server.url})
    check_documented(client, answer, "post", "/segment")
    assert check_error(answer, 502, "fetch_failed")["details"]["status"] == 404


@pytest.mark.parametrize(
    "url",
    [
        "http://0.0.0.0/a.png",
        "http://2130706433/a.png",
        "http://0x7f.1/a.png",
        "http://0177.0.0.1/a.png",
        "http://[::ffff:127.0.0.1]:1/a.png",
        "http://[64:ff9b::7f00:1]/a.png",
        "http://[2002:7f00:1::]/a.png",
        "http://[fe80::1%25lo]/a.png",
        "http://169.254.169.254/latest",
        "http://localhost/a.png",
        "http://LOCALHOST./a.png",
        "http://user:secret@127.0.0.1/a.png",
        "http://8.8.8.8/a.png",
        "file:///etc/passwd",
    ],
)
def test_a_url_that_may_not_be_asked_is_an_invalid_request(
    client: FlaskClient, settings: Settings, url: str
) -> None:
    answer = client.post("/segment", json={"image_url": url})
    check_documented(client, answer, "post", "/segment")
    message = check_error(answer, 422, "invalid_request")["message"]
    assert message.startswith("image_url: expected ")
    assert "secret" not in message
    assert not [*settings.data_dir.glob("images/**/*")]


TRICKS: dict[str, tuple[Answer, int, str]] = {
    "a redirect inward": (status(302, Location="http://169.254.169.254/"), 422, "invalid_request"),
    "redirects without end": (status(302, Location="/a.png"), 422, "invalid_request"),
    "a page": (status(200, b"<html>", Content_Type="text/html"), 415, "unsupported_media"),
    "a page that says it is an image": (
        status(200, b"<html>", Content_Type="image/png"),
        415,
        "unsupported_media",
    ),
    "an endless body": (dripping(b"HTTP/1.1 200 OK\r\n\r\n", bytes(100_000), every_s=0), 413, "too_large"),
    "a large body": (status(200, Content_Length="9000000"), 413, "too_large"),
    "a gzip bomb": (status(200, gzip.compress(bytes(10**7)), Content_Encoding="gzip"), 502, "fetch_failed"),
    "half a body": (broken(bytes(1000), 10), 502, "fetch_failed"),
    "an error": (status(503), 502, "fetch_failed"),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_host_with_tricks_gets_a_documented_error(
    client: FlaskClient, settings: Settings, server: Loopback, trick: str
) -> None:
    answered, code, name = TRICKS[trick]
    server.answers[:] = [answered]
    answer = client.post("/segment", json={"image_url": server.url + "/a.png"})
    check_documented(client, answer, "post", "/segment")
    check_error(answer, code, name)
    assert not [*settings.data_dir.glob("images/**/*")]


def test_every_body_with_an_image_has_a_form_and_a_limit_that_fits(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    schemas = document["components"]["schemas"]
    with_image = set()
    for path, methods in document["paths"].items():
        content = methods.get("post", {}).get("requestBody", {}).get("content", {})
        name = content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
        if "image_url" in schemas.get(name, {}).get("properties", {}):
            with_image.add(path)
            fields = content["multipart/form-data"]["schema"]["properties"]
            expected = schemas[name]["properties"].keys() - {"file_id", "file_ids", "image_url"}
            assert fields.keys() == expected | {"options"}
            assert fields["store"]["default"] is (path not in STORE_NO_FORMS)
    assert with_image == set(ENDPOINTS) == IMAGE_PATHS
