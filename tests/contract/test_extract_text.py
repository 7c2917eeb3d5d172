"""GET and POST /extract_text/{file_id}."""

import io
import logging
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from config.settings import Settings
from domain.arrays import Rgb
from domain.errors import ModelUnavailable
from domain.text import DetectedLines
from tests.conftest import Build, png_bytes
from tests.contract.shapes import check_documented, check_error, check_success
from tests.fakes import StripeReader

PATH = "/extract_text/{file_id}"


@pytest.fixture
def page() -> Rgb:
    """Two stripes that read well, one that does not."""
    rgb = np.full((120, 200, 3), 255, np.uint8)
    for row, length in enumerate((100, 150, 120)):
        rgb[20 + 30 * row :][:12, 10 : 10 + length] = 0
        if row < 2:
            rgb[20 + 30 * row :][:12, 10 + length * 4 // 5 : 10 + length] = 128
    return rgb


def upload(client: FlaskClient, rgb: Rgb) -> str:
    answer = client.post("/upload", data={"image": (io.BytesIO(png_bytes(rgb)), "a.png")})
    return str(check_success(answer, 201)["file_id"])


@pytest.fixture
def url(client: FlaskClient, page: Rgb) -> str:
    return f"/extract_text/{upload(client, page)}"


@pytest.mark.parametrize("method", ["get", "post"])
def test_both_methods_answer_the_same(client: FlaskClient, url: str, method: str) -> None:
    answer = client.open(url, method=method.upper())
    body = check_success(answer)
    assert body["text"] == "stripe 100\n\nstripe 150"
    assert [line["text"] for line in body["lines"]] == ["stripe 100", "stripe 150"]
    assert body["lines"][0]["quad"] == [[10, 20], [110, 20], [110, 32], [10, 32]]
    assert body["lines"][0]["confidence"] == 0.95
    assert (body["width"], body["height"]) == (200, 120)
    assert body["models"] == {"text": {"name": "fake-stripes", "sha256": "7" * 64}}
    assert set(body["timings_ms"]) == {"load", "detect", "orient", "read", "order", "total"}
    check_documented(client, answer, method, PATH)


def test_min_confidence_in_the_address_and_in_the_body(client: FlaskClient, url: str) -> None:
    def count(**request: Any) -> int:
        return len(check_success(client.post(**request))["lines"])

    assert count(path=f"{url}?min_confidence=0.2") == 3
    assert count(path=url, json={"min_confidence": 0.2}) == 3
    assert count(path=f"{url}?min_confidence=0.2", json={"min_confidence": 1}) == 0
    assert count(path=f"{url}?min_confidence=0.2", json={}) == 3
    assert len(check_success(client.get(f"{url}?min_confidence=1"))["lines"]) == 0


@pytest.mark.parametrize("query", ["min_confidence=2", "min_confidence=-1", "min_confidence=nan", "min=1"])
def test_options_in_the_address_that_cannot_be_used(client: FlaskClient, url: str, query: str) -> None:
    for method in ("get", "post"):
        answer = client.open(f"{url}?{query}", method=method.upper())
        check_error(answer, 422, "invalid_request")
        check_documented(client, answer, method, PATH)


@pytest.mark.parametrize("body", [{"min_confidence": 2}, {"min_confidence": "0.5"}, {"confidence": 0.5}])
def test_options_in_the_body_that_cannot_be_used(client: FlaskClient, url: str, body: Any) -> None:
    error = check_error(client.post(url, json=body), 422, "invalid_request")
    assert "confidence" in error["message"]


def test_bodies_that_cannot_be_read(client: FlaskClient, url: str) -> None:
    check_error(client.post(url, data=b"[1]"), 400, "malformed_request")
    check_error(client.post(url, data=b'{"min_confidence": NaN}'), 400, "malformed_request")
    form = {"image": (io.BytesIO(b"x"), "a.png")}
    check_error(client.post(url, data=form), 415, "unsupported_media")


def test_an_unknown_photograph(client: FlaskClient) -> None:
    for method in ("get", "post"):
        answer = client.open("/extract_text/nothing", method=method.upper())
        check_error(answer, 404, "not_found")
        check_documented(client, answer, method, PATH)
    check_error(client.delete("/extract_text/nothing"), 405, "method_not_allowed")


def test_no_text_is_no_error(client: FlaskClient) -> None:
    file_id = upload(client, np.full((40, 40, 3), 255, np.uint8))
    answer = client.get(f"/extract_text/{file_id}")
    body = check_success(answer)
    assert (body["text"], body["lines"]) == ("", [])
    check_documented(client, answer, "get", PATH)


def test_without_a_reader(build: Build, page: Rgb) -> None:
    client = build(text_reader=ModelUnavailable("its file is missing")).test_client()
    answer = client.post(f"/extract_text/{upload(client, page)}")
    error = check_error(answer, 503, "model_unavailable")
    assert "its file is missing" in error["message"]
    assert answer.headers["Retry-After"]
    check_documented(client, answer, "post", PATH)


def test_a_full_queue_refuses(settings: Settings, page: Rgb) -> None:
    from app import create_app
    from tests.conftest import fake_services

    entered, leave = threading.Event(), threading.Event()

    class Slow(StripeReader):
        def detect(self, rgb: Rgb, listener: Callable[[int, int], None]) -> DetectedLines:
            entered.set()
            assert leave.wait(30)
            return super().detect(rgb, listener)

    narrow = settings.model_copy(update={"max_running": 1, "max_waiting": 0})
    app = create_app(narrow, fake_services(narrow, text_reader=Slow()))
    url = f"/extract_text/{upload(app.test_client(), page)}"
    first = threading.Thread(target=lambda: app.test_client().get(url))
    first.start()
    assert entered.wait(30)
    answer = app.test_client().post(url)
    leave.set()
    first.join()
    check_error(answer, 503, "overloaded")
    assert int(answer.headers["Retry-After"]) >= 1


def test_metrics_and_log_lines(client: FlaskClient, url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.get(url)
    assert {"found 3 lines of text", "read 3/3 lines"} <= {record.getMessage() for record in caplog.records}
    numbers = client.get("/metrics").text
    assert "seglabel_text_lines_total 2.0" in numbers
    assert 'seglabel_stage_seconds_count{stage="read"} 1.0' in numbers
    assert 'path="/extract_text/<file_id>",status="200"' in numbers
