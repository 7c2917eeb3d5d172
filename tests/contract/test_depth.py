"""GET /depth/{file_id}."""

import base64
import io

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from domain.arrays import Rgb
from tests.conftest import Build, png_bytes


@pytest.fixture
def file_id(client: FlaskClient, red_green: Rgb) -> str:
    answer = client.post("/upload", data=png_bytes(red_green)).get_json()
    return str(answer["file_id"])


def _picture(url: str) -> Image.Image:
    prefix = "data:image/png;base64,"
    assert url.startswith(prefix)
    return Image.open(io.BytesIO(base64.b64decode(url.removeprefix(prefix))))


def test_the_map_gives_the_values_back(client: FlaskClient, file_id: str) -> None:
    answer = client.get(f"/depth/{file_id}").get_json()
    assert {"success", "depth_map", "width", "height", "kind", "min", "max", "models", "timings_ms"} == set(
        answer
    )
    assert (answer["width"], answer["height"], answer["kind"]) == (160, 96, "relative")
    assert answer["models"]["depth"]["name"] == "fake-slope"
    pixels = np.asarray(_picture(answer["depth_map"])).astype(np.float64)
    values = answer["min"] + (answer["max"] - answer["min"]) * pixels / 65535
    raw = client.get(f"/depth/{file_id}?format=npy")
    assert raw.mimetype == "application/octet-stream"
    np.testing.assert_allclose(np.load(io.BytesIO(raw.data)), values, atol=1e-4)


def test_the_specification_knows_the_raw_form(client: FlaskClient) -> None:
    answers = client.get("/openapi.json").get_json()["paths"]["/depth/{file_id}"]["get"]["responses"]
    assert set(answers["200"]["content"]) == {"application/json", "application/octet-stream"}


def test_colors(client: FlaskClient, file_id: str) -> None:
    answer = client.get(f"/depth/{file_id}?format=color").get_json()
    assert _picture(answer["depth_map"]).mode == "RGB"


def test_what_is_refused(client: FlaskClient, file_id: str) -> None:
    assert client.get("/depth/none").status_code == 404
    bad = client.get(f"/depth/{file_id}?format=tiff")
    assert (bad.status_code, bad.get_json()["error"]["code"]) == (422, "invalid_request")
    assert client.get(f"/depth/{file_id}?colour=1").status_code == 422
    assert client.post(f"/depth/{file_id}").status_code == 405


def test_without_an_estimator(build: Build, red_green: Rgb) -> None:
    client = build(estimator=RuntimeError("no file")).test_client()
    file_id = client.post("/upload", data=png_bytes(red_green)).get_json()["file_id"]
    answer = client.get(f"/depth/{file_id}")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "model_unavailable")
