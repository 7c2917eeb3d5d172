"""Nothing that was sent is dropped: every operation of /openapi.json refuses what it does not describe."""

import gzip
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from app import create_app
from config.settings import Settings
from tests.conftest import fake_services, png_bytes
from tests.contract.pictures import plain
from tests.contract.shapes import check_documented, check_error, check_success

TASKS = ["segment", "analyze", "caption", "moderate", "index"]

PROBES = {"/health", "/ready", "/metrics"}
"""Paths that ignore query strings, since load balancers add some."""

Operation = tuple[str, str]
"""Method and path."""


@pytest.fixture(scope="session")
def operations(tmp_path_factory: pytest.TempPathFactory) -> dict[Operation, dict[str, Any]]:
    """All operations of the document but the probes, by method and path."""
    settings = Settings(data_dir=Path(tmp_path_factory.mktemp("documented")) / "data")
    app = create_app(settings, fake_services(settings))
    document = app.test_client().get("/openapi.json").get_json()
    app.extensions["jobs"].stop(10)
    return {
        (method, path): operation
        for path, methods in document["paths"].items()
        if path not in PROBES
        for method, operation in methods.items()
    }


def bodies(operation: Mapping[str, Any]) -> dict[str, Any]:
    """Media types of the body of an operation."""
    return dict(operation.get("requestBody", {}).get("content", {}))


def url(path: str) -> str:
    """The path with ids that are valid and unknown."""
    return path.replace("{file_id}", "0" * 32).replace("{job_id}", "0" * 32).replace("{name}", "mine")


def send(client: FlaskClient, operation: Operation, query: str = "", **body: Any) -> TestResponse:
    method, path = operation
    return client.open(url(path) + query, method=method.upper(), **body)


def picture(name: str = "a.png") -> FileStorage:
    return FileStorage(io.BytesIO(png_bytes(plain((255, 0, 0)))), name)


@pytest.mark.parametrize("name", TASKS)
def test_an_unknown_member_is_refused(client: FlaskClient, file_id: str, name: str) -> None:
    check_error(client.post(f"/{name}", json={"file_id": file_id, "x": 1}), 422, "invalid_request")
    check_error(client.post(f"/{name}/batch", json={"file_ids": [file_id], "x": 1}), 422, "invalid_request")


@pytest.mark.parametrize("name", TASKS)
def test_a_value_of_another_type_is_refused(client: FlaskClient, file_id: str, name: str) -> None:
    check_error(client.post(f"/{name}", json={"file_id": file_id, "async": "yes"}), 422, "invalid_request")
    check_error(client.post(f"/{name}/batch", json={"file_ids": [1]}), 422, "invalid_request")


@pytest.mark.parametrize(
    "query", ["?frobnicate=1", "?frobnicate", "?frobnicate=", "?frobnicate=1&frobnicate=2"]
)
def test_an_unknown_parameter_is_named_by_every_operation(
    client: FlaskClient, operations: dict[Operation, dict[str, Any]], query: str
) -> None:
    for operation in operations:
        answer = send(client, operation, query)
        error = check_error(answer, 422, "invalid_request")
        assert error["message"].startswith("frobnicate: expected"), operation
        assert error["details"]["errors"][0]["field"] == "frobnicate"
        check_documented(client, answer, *operation)


@pytest.mark.parametrize("query", ["q=caf%E9", "caf%E9=1", "q=%8E%CA", "q=%ED%A0%80", "q=caf\xe9"])
def test_a_query_that_is_not_utf8_is_refused_by_every_operation(
    client: FlaskClient, operations: dict[Operation, dict[str, Any]], query: str
) -> None:
    for method, path in operations:
        raw = {"QUERY_STRING": query}
        answer = client.open(url(path), method=method.upper(), environ_overrides=raw)
        assert "UTF-8" in check_error(answer, 400, "malformed_request")["message"]
        check_documented(client, answer, method, path)


@pytest.mark.parametrize("name", ["caf\xe9", "\xff", "\xed\xa0\x80"])
def test_a_path_that_is_not_utf8_is_refused_by_every_operation(
    client: FlaskClient, operations: dict[Operation, dict[str, Any]], name: str
) -> None:
    for method, path in operations:
        if "{" in path:
            raw = {"PATH_INFO": re.sub(r"{\w+}", name, path)}  # WSGI gives bytes as Latin-1.
            answer = client.open(method=method.upper(), environ_overrides=raw)
            assert "UTF-8" in check_error(answer, 400, "malformed_request")["message"]


def test_a_parameter_that_comes_twice_is_refused(
    client: FlaskClient, operations: dict[Operation, dict[str, Any]]
) -> None:
    known = [
        (operation, parameter["name"])
        for operation, description in operations.items()
        for parameter in description.get("parameters", [])
        if parameter["in"] == "query"
    ]
    assert len(known) > 10
    for operation, name in known:
        error = check_error(send(client, operation, f"?{name}=1&{name}=2"), 422, "invalid_request")
        assert error["message"] == f"{name}: expected one value, got 2", operation


def test_parameters_of_probes_and_pages_are_left_alone(client: FlaskClient) -> None:
    for path in (*sorted(PROBES), "/", "/docs", "/openapi.json"):
        answer = client.get(f"{path}?cache=1&cache=2")
        assert answer.status_code in (200, 503)
        answer.close()


@pytest.mark.parametrize(
    "body",
    [
        {"json": {"version": 1}},
        {"data": b"format=npy"},
        {"data": {"format": "npy"}, "content_type": "multipart/form-data"},
    ],
)
def test_a_body_where_none_is_read_is_refused(
    client: FlaskClient, operations: dict[Operation, dict[str, Any]], body: dict[str, Any]
) -> None:
    without = [operation for operation, description in operations.items() if not bodies(description)]
    assert len(without) > 8
    for operation in without:
        answer = send(client, operation, **body)
        message = check_error(answer, 400, "malformed_request")["message"]
        assert message == f"expected no body for {operation[0].upper()} {url(operation[1])}, got one"
        check_documented(client, answer, *operation)


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "gzip, br", "x-unknown"])
def test_a_compressed_body_is_refused(
    client: FlaskClient, operations: dict[Operation, dict[str, Any]], encoding: str
) -> None:
    for operation, description in operations.items():
        if bodies(description):
            answer = send(
                client,
                operation,
                data=gzip.compress(b'{"file_id": "x"}'),
                headers={"Content-Encoding": encoding},
                content_type="application/json",
            )
            assert encoding in check_error(answer, 415, "unsupported_media")["message"]
            check_documented(client, answer, *operation)


def json_operations(operations: dict[Operation, dict[str, Any]]) -> Iterator[Operation]:
    for operation, description in operations.items():
        if "application/json" in bodies(description):
            yield operation


@pytest.mark.parametrize(
    "body", ['{"ZZ": 1, "ZZ": 2}', '{"ZZ": 1, "ZZ": 1}', '{"a": [{"ZZ": 1, "b": 2, "ZZ": 3}]}']
)
def test_a_member_that_comes_twice_is_named(
    client: FlaskClient, operations: dict[Operation, dict[str, Any]], body: str
) -> None:
    for operation in json_operations(operations):
        error = check_error(send(client, operation, data=body), 400, "malformed_request")
        assert error["message"].startswith("ZZ: expected each member"), operation


PNG = png_bytes(plain((0, 255, 0)))
FORM = b'--x\r\nContent-Disposition: form-data; name="file_id"\r\n\r\n1\r\n--x--\r\n'


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "application/x-www-form-urlencoded", None]
)
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (PNG, "a PNG image"),
        (FORM, "a multipart form"),
        (b"file_id=1&labels=cat", "fields of a form"),
        (b"labels[]=cat", "fields of a form"),
        (b"cat, dog", "invalid JSON"),
        ('{"labels": ["café"]}'.encode("latin-1"), "invalid JSON"),
    ],
)
def test_what_came_in_place_of_json_is_said(
    client: FlaskClient,
    operations: dict[Operation, dict[str, Any]],
    kind: str | None,
    body: bytes,
    words: str,
) -> None:
    for operation in json_operations(operations):
        answer = send(client, operation, data=body, content_type=kind)
        assert words in check_error(answer, 400, "malformed_request")["message"], operation


def test_a_form_where_json_is_expected_is_refused(
    client: FlaskClient, operations: dict[Operation, dict[str, Any]]
) -> None:
    for operation in json_operations(operations):
        if "multipart/form-data" not in bodies(operations[operation]):
            answer = send(client, operation, data={"file_id": "x"}, content_type="multipart/form-data")
            check_error(answer, 415, "unsupported_media")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_json_is_taken_in_every_unicode_encoding(
    client: FlaskClient, file_id: str, encoding: str, kind: str
) -> None:
    body = json.dumps({"file_id": file_id, "labels": ["café", "猫"], "top_k": 2}, ensure_ascii=False)
    answer = client.post("/classify", data=body.encode(encoding), content_type=kind)
    names = {score["label"] for score in check_success(answer)["results"][0]["alternatives"]}
    assert names == {"café", "猫"}


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "shift_jis", "us-ascii"])
def test_json_in_another_charset_is_taken_only_where_it_is_ascii(
    client: FlaskClient, file_id: str, charset: str
) -> None:
    kind = f"application/json; charset={charset}"
    for name, status in (("cat", 200), ("café", 415)):
        body = json.dumps({"file_id": file_id, "labels": [name]}, ensure_ascii=False).encode()
        answer = client.post("/classify", data=body, content_type=kind)
        assert answer.status_code == status
        assert status == 200 or charset in answer.get_json()["error"]["message"]


def forms(operations: dict[Operation, dict[str, Any]]) -> Iterator[tuple[Operation, dict[str, Any]]]:
    """Each operation with a form, and the schema of its fields."""
    for operation, description in operations.items():
        if "multipart/form-data" in bodies(description):
            yield operation, bodies(description)["multipart/form-data"]["schema"]["properties"]


def form(client: FlaskClient, operation: Operation, *fields: tuple[str, Any]) -> TestResponse:
    data: dict[str, list[Any]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    return send(client, operation, data=data, content_type="multipart/form-data")


def test_every_form_refuses_fields_that_it_does_not_have(
    client: FlaskClient, operations: dict[Operation, dict[str, Any]]
) -> None:
    seen = 0
    for operation, fields in forms(operations):
        for unknown in ("frobnicate", "images", "image[]", "Image", "file_id", *fields):
            if unknown in fields:
                continue
            for value, kind in (("1", "text"), (picture(), "file")):
                answer = form(client, operation, ("image", picture()), (unknown, value))
                message = check_error(answer, 422, "invalid_request")["message"]
                assert message.startswith(f"{unknown}: expected one of the fields"), operation
                assert message.endswith(f"got an unknown {kind} field")
                check_documented(client, answer, *operation)
                seen += 1
    assert seen >= 30


def test_every_form_refuses_text_for_files_and_files_for_text(
    client: FlaskClient, operations: dict[Operation, dict[str, Any]]
) -> None:
    for operation, fields in forms(operations):
        answer = form(client, operation, ("image", "not a file"))
        message = check_error(answer, 400, "malformed_request")["message"]
        assert "-F image=@FILE" in message
        assert message.endswith("got image (text)")
        answer = form(client, operation, ("image", picture()), ("image", "text too"))
        assert "expected a file" in check_error(answer, 422, "invalid_request")["message"]
        for name in fields.keys() - {"image"}:
            option = FileStorage(io.BytesIO(b"1"), "names.txt")
            answer = form(client, operation, ("image", picture()), (name, option))
            message = check_error(answer, 422, "invalid_request")["message"]
            assert message.startswith(f"{name}: expected text")
            assert f"-F '{name}=<FILE'" in message


def test_every_form_refuses_a_field_that_comes_too_often(
    client: FlaskClient, operations: dict[Operation, dict[str, Any]]
) -> None:
    for operation, fields in forms(operations):
        for name in fields.keys() - {"image", "labels", "texts"}:
            answer = form(client, operation, ("image", picture()), (name, "1"), (name, "2"))
            message = check_error(answer, 422, "invalid_request")["message"]
            assert message == f"{name}: expected one value, got 2", operation
        most = fields["image"].get("maxItems", 1)
        answer = form(client, operation, *(("image", picture(f"{number}.png")) for number in range(most + 1)))
        message = check_error(answer, 422, "invalid_request")["message"]
        expected = "one file" if most == 1 else f"at most {most} files"
        assert message == f"image: expected {expected}, got {most + 1}"


def test_the_files_of_every_form_are_optional_nowhere(
    client: FlaskClient, operations: dict[Operation, dict[str, Any]]
) -> None:
    for operation, _ in forms(operations):
        answer = form(client, operation, ("photo", picture()))
        message = check_error(answer, 400, "malformed_request")["message"]
        assert "`image`" in message
        assert message.endswith("got photo")


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("猫 café.png".encode(), "猫 café.png"),
        ("café.png".encode("latin-1"), "café.png"),
        ("写真.png".encode("shift_jis"), "写真.png".encode("shift_jis").decode("latin-1")),
        ("表".encode("shift_jis"), "\x95\\"),
        (b"", ""),
    ],
)
def test_a_file_is_taken_whatever_it_is_called(client: FlaskClient, raw: bytes, name: str) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="image"; filename="' + raw + b'"\r\n\r\n'
    labels = b'\r\n--x\r\nContent-Disposition: form-data; name="labels"\r\n\r\nred,green\r\n--x--\r\n'
    form = {"data": head + PNG + labels, "content_type": "multipart/form-data; boundary=x"}
    (entry,) = check_success(client.post("/classify", **form))["results"]
    assert (entry["name"], entry["label"]) == (name, "green")


@pytest.mark.parametrize("path", ["/upload", "/classify", "/similar"])
def test_text_that_is_not_utf8_is_refused(client: FlaskClient, path: str) -> None:
    text = b'--x\r\nContent-Disposition: form-data; name="lang"\r\n\r\ncaf\xe9\r\n--x--\r\n'
    answer = client.post(path, data=text, content_type="multipart/form-data; boundary=x")
    assert "lang: expected text in utf-8" in check_error(answer, 400, "malformed_request")["message"]
    check_documented(client, answer, "post", path)
