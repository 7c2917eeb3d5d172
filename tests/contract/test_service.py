"""What holds for the service as a whole: probes, labels, documentation, request ids, unknown paths."""

import logging
import re

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.conftest import Build
from tests.contract.shapes import check_error, check_success


def test_the_specification_is_valid_and_complete(client: FlaskClient) -> None:
    specification = client.get("/openapi.json").get_json()
    validate(specification)
    paths = {
        "/upload",
        "/upload/{file_id}/image",
        "/segment",
        "/depth/{file_id}",
        "/extract_text/{file_id}",
        "/labels",
        "/health",
        "/ready",
        "/metrics",
    }
    paths |= {
        "/classify",
        "/moderate",
        "/moderate/batch",
        "/analyze",
        "/index",
        "/index/batch",
        "/index/{file_id}",
        "/search",
        "/similar",
        "/rank",
        "/segment/batch",
        "/analyze/batch",
        "/jobs/{job_id}",
        "/jobs/{job_id}/events",
        "/caption",
        "/caption/batch",
        "/vocabularies",
        "/vocabularies/{name}",
    }
    assert set(specification["paths"]) == paths
    upload = specification["paths"]["/upload"]["post"]["requestBody"]["content"]
    assert set(upload) == {"multipart/form-data", "image/*", "application/octet-stream"}


def test_every_route_is_in_the_specification(build: Build) -> None:
    app = build()
    described = set(app.test_client().get("/openapi.json").get_json()["paths"])
    pages = {"/", "/page/{filename}", "/page/examples/{name}"}
    pages |= {"/docs", "/openapi.json", "/docs/assets/{filename}"}
    routes = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}
    assert routes - pages == described


def test_the_docs_page_needs_no_internet(client: FlaskClient) -> None:
    page = client.get("/docs").text
    assert "http://" not in page
    assert "https://" not in page
    for asset in ("js/swagger-ui-bundle.js", "css/swagger-ui.css"):
        assert asset in page
        answer = client.get(f"/docs/assets/{asset}")
        assert answer.status_code == 200
        answer.close()


def test_unknown_paths_and_methods_have_the_one_shape(client: FlaskClient) -> None:
    error = check_error(client.get("/no/such/path"), 404, "not_found")
    assert "GET /no/such/path" in error["message"]
    answer = client.get("/segment")
    assert (
        "expected OPTIONS or POST, got GET /segment"
        in check_error(answer, 405, "method_not_allowed")["message"]
    )
    assert "POST" in answer.headers["Allow"]
    check_error(client.delete("/upload"), 405, "method_not_allowed")


def test_an_unexpected_error_has_the_one_shape_too(build: Build, caplog: pytest.LogCaptureFixture) -> None:
    app = build()

    def broken() -> str:
        raise RuntimeError("secret detail")

    app.add_url_rule("/broken", view_func=broken)
    error = check_error(
        app.test_client().get("/broken", headers={"X-Request-ID": "abc"}), 500, "internal_error"
    )
    assert "abc" in error["message"]
    assert "secret" not in error["message"]
    assert "secret detail" in caplog.text


def test_odd_requests_leave_no_mark(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    client.get("/x%0aforged line")
    client.open("/health", method="ZZ1")
    assert "\nforged" not in caplog.text
    page = client.get("/metrics").text
    assert "ZZ1" not in page
    assert 'method="other"' in page


def test_the_specification_promises_only_what_comes(client: FlaskClient) -> None:
    specification = client.get("/openapi.json").get_json()
    assert set(specification["paths"]["/health"]["get"]["responses"]) == {"200"}
    required = specification["components"]["schemas"]["SegmentAnswer"]["required"]
    assert {"success", "models", "timings_ms", "labels", "mask_count"} <= set(required)
    assert "segmented_image" not in required


def test_request_ids(client: FlaskClient) -> None:
    assert client.get("/health", headers={"X-Request-ID": "my-id.1"}).headers["X-Request-ID"] == "my-id.1"
    made = client.get("/health", headers={"X-Request-ID": "not a plain id"}).headers["X-Request-ID"]
    assert len(made) == 16


def test_the_log_tells_the_stages(
    client: FlaskClient, file_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    body = check_success(client.post("/segment", json={"file_id": file_id}))
    count = body["mask_count"]
    assert "0 of 256 grid points, 0 decoded, 4 workers" in caplog.text
    assert f"{count} masks" in caplog.text
    assert f"classified 10/{count}" in caplog.text
    assert f"classified {count}/{count}" in caplog.text
    assert "POST /segment 200 in" in caplog.text


@pytest.mark.parametrize(
    "path", ["segment", "segment/batch", "analyze", "classify", "caption", "caption/batch", "index"]
)
@pytest.mark.parametrize(
    "body", [{"vocabulary": "\ud800"}, {"labels": ["\ud800"]}, {"vocabulary": "v" * 100_000}]
)
def test_what_is_no_text_and_what_is_too_much_of_it_are_refused_in_few_words(
    client: FlaskClient, file_id: str, path: str, body: dict[str, object]
) -> None:
    which = {"file_ids": [file_id]} if path.endswith("batch") else {"file_id": file_id}
    error = check_error(client.post(f"/{path}", json={**which, **body}), 422, "invalid_request")
    assert len(error["message"]) < 500


@pytest.mark.parametrize(
    ("path", "query"), [("segment", "langg=de"), ("caption", "lang=de"), ("moderate", "x=1")]
)
def test_an_address_is_read_as_strictly_as_a_body(
    client: FlaskClient, file_id: str, path: str, query: str
) -> None:
    check_error(client.post(f"/{path}?{query}", json={"file_id": file_id}), 422, "invalid_request")


def test_a_field_that_nobody_has_is_told_in_few_words(client: FlaskClient, file_id: str) -> None:
    answer = client.post("/segment", json={"file_id": file_id, "x" * 100_000: 1})
    assert len(answer.data) < 2_000
    check_error(answer, 422, "invalid_request")


def test_every_body_and_answer_has_an_example_that_fits_it(client: FlaskClient) -> None:
    specification = client.get("/openapi.json").get_json()
    for path, operations in specification["paths"].items():
        for method, operation in operations.items():
            contents = [operation.get("requestBody", {}).get("content", {})]
            contents += [
                answer.get("content", {})
                for status, answer in operation["responses"].items()
                if status < "300"
            ]
            for content in contents:
                schema = content.get("application/json", {}).get("schema", {})
                name = schema.get("$ref", "").rpartition("/")[2]
                if not name:
                    continue
                example = specification["components"]["schemas"][name].get("example")
                assert example is not None, f"{method} {path}: {name} has no example"
                whole = {"models": {}, "timings_ms": {}, **example} if "success" in example else example
                Draft202012Validator({**schema, "components": specification["components"]}).validate(whole)
