"""The same bytes again, under another `file_id` or in another call, run no network."""

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from config.settings import Settings
from domain.arrays import Rgb
from tests.conftest import fake_services, png_bytes
from tests.contract.shapes import check_success
from tests.contract.test_image_in_call import ENDPOINTS, JOBS, form_text, without_ids
from tests.contract.test_jobs import submit, until
from tests.fakes import ColorEncoder, DiscSegmenter, ParrotCaptioner, SlopeEstimator, StripeReader
from tests.loopback import Loopback, serving


@pytest.fixture
def server(red_green: Rgb) -> Iterator[Loopback]:
    """A server of the photograph on the loopback interface."""
    with serving() as found:
        found.answers.append(
            lambda handler: handler.reply(200, png_bytes(red_green), Content_Type="image/png")
        )
        yield found


class Counted:
    """A model that notes each call of a method that computes; `networks` are those of all models."""

    networks = ("encode", "decode", "encode_images", "encode_texts", "detect", "read", "estimate", "caption")

    def __init__(self, model: Any, calls: list[str]) -> None:
        self._model = model
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        if name in self.networks:
            self._calls.append(name)
        return getattr(self._model, name)


@pytest.fixture
def calls() -> list[str]:
    """What the networks of `counted_client` computed."""
    return []


@pytest.fixture
def counted_client(settings: Settings, calls: list[str]) -> Iterator[FlaskClient]:
    chosen = settings.model_copy(update={"fetch_urls": "127.0.0.1"})
    models = (DiscSegmenter(), ColorEncoder(), StripeReader(), SlopeEstimator())
    app = create_app(chosen, fake_services(chosen, *(Counted(model, calls) for model in models)))
    yield app.test_client()
    app.extensions["jobs"].stop(10)


@pytest.mark.parametrize("path", ENDPOINTS)
def test_the_same_bytes_compute_nothing_again(
    counted_client: FlaskClient, calls: list[str], server: Loopback, red_green: Rgb, path: str
) -> None:
    client, data, options = counted_client, png_bytes(red_green), ENDPOINTS[path]

    def upload() -> str:
        return str(client.post("/upload", data=data).get_json()["file_id"])

    first = without_ids(check_success(client.post(path, json={"file_id": upload(), **options})))
    done = list(calls)
    assert done
    texts = {name: form_text(value) for name, value in options.items()}
    sent = {"image": base64.b64encode(data).decode()}
    answers = [
        client.post(path, json={"file_id": upload(), **options}),
        client.post(path, data={"image": (io.BytesIO(data), "a.png"), **texts}),
        client.post(path, json={**sent, **options}),
        client.post(path, json={"image_url": server.url + "/a.png", **options}),
    ]
    if path != "/index":
        answers.append(client.post(path, json={**sent, **options, "store": False}))
    for answer in answers:
        assert without_ids(check_success(answer)) == first
    if path in JOBS:
        accepted = check_success(client.post(path, json={**sent, **options, "async": True}), 202)
        assert without_ids(until(client, accepted["status_url"], "succeeded")["result"]) == first
        batch = submit(client, f"{path}/batch", file_ids=[upload()], **options)
        (item,) = until(client, batch, "succeeded")["items"]
        assert without_ids(item["result"]) == first
    assert calls == done
    changed = png_bytes(red_green // 2)
    check_success(client.post(path, data={"image": (io.BytesIO(changed), "a.png"), **texts}))
    assert len(calls) > len(done)


def test_endpoints_share_what_they_computed(
    counted_client: FlaskClient, calls: list[str], red_green: Rgb
) -> None:
    client, data = counted_client, png_bytes(red_green)
    paths = ("/analyze", "/segment", "/index", "/classify", "/depth", "/extract_text", "/moderate")
    for path in paths:
        check_success(client.post(path, data={"image": (io.BytesIO(data), "a.png")}))
    assert [calls.count(name) for name in ("encode", "estimate", "detect")] == [1, 1, 1]


def test_a_generated_caption_is_written_once(settings: Settings, calls: list[str], red_green: Rgb) -> None:
    services = fake_services(settings, captioner=Counted(ParrotCaptioner(), calls))
    client = create_app(settings, services).test_client()
    image = {"image": base64.b64encode(png_bytes(red_green)).decode()}
    first, again = (check_success(client.post("/caption", json=image)) for _ in range(2))
    assert without_ids(again) == without_ids(first)
    assert calls == ["caption"]
    check_success(client.post("/caption", json={**image, "candidates": 1}))
    assert calls == ["caption"] * 2
