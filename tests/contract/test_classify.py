"""POST /classify."""

import base64
import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from skimage import data

from domain.arrays import Rgb
from domain.errors import ModelUnavailable
from tests.conftest import Build, png_bytes
from tests.contract.shapes import check_documented, check_error, check_success
from tools.benchmarks.damage import blurred, scaled

COLORS = {"labels": ["red", "green", "blue"]}


@pytest.fixture
def red(red_green: Rgb) -> Rgb:
    rgb = red_green.copy()
    rgb[:] = (255, 0, 0)
    rgb[40:52, 70:90] = 0  # One colour alone would show nothing.
    return rgb


def classify(client: FlaskClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/classify", json=body)
    check_documented(client, answer, "post", "/classify")
    return check_success(answer)


def upload(client: FlaskClient, rgb: Rgb) -> str:
    return str(client.post("/upload", data=png_bytes(rgb)).get_json()["file_id"])


def test_one_photograph(client: FlaskClient, red: Rgb) -> None:
    file_id = upload(client, red)
    answer = classify(client, file_id=file_id, top_k=2, **COLORS)
    assert set(answer["models"]) == {"labeller"}
    (entry,) = answer["results"]
    assert (entry["file_id"], entry["label"]) == (file_id, "red")
    assert len(entry["alternatives"]) == 2
    assert entry["alternatives"][0] == {"label": "red", "confidence": entry["confidence"]}
    whole = classify(client, file_id=file_id, top_k=3, **COLORS)["results"][0]
    total = sum(score["confidence"] for score in whole["alternatives"]) + whole["unknown"]
    assert total == pytest.approx(1, abs=1e-3)
    assert "plot" not in entry


def test_what_fits_nothing_is_unknown(client: FlaskClient, red: Rgb) -> None:
    file_id = upload(client, red)
    (entry,) = classify(client, file_id=file_id, labels=["blue"])["results"]
    assert (entry["label"], entry["confidence"]) == ("unknown", entry["unknown"])
    (unsure,) = classify(client, file_id=file_id, confidence_threshold=1, **COLORS)["results"]
    assert unsure["label"] == "unknown"
    assert unsure["alternatives"][0]["label"] == "red"


def test_many_and_a_wrong_one(client: FlaskClient, red: Rgb, red_green: Rgb) -> None:
    file_ids = [upload(client, red), "gone", upload(client, red_green[:, 70:].copy())]
    results = classify(client, file_ids=file_ids, **COLORS)["results"]
    assert [entry["file_id"] for entry in results] == file_ids
    assert [entry.get("label") for entry in results] == ["red", None, "green"]
    assert results[1]["error"]["code"] == "not_found"
    assert set(results[1]) == {"file_id", "error"}


def test_images_in_the_request(client: FlaskClient, red: Rgb, red_green: Rgb) -> None:
    def files() -> list[tuple[io.BytesIO, str]]:
        images = (png_bytes(red), b"no image at all", png_bytes(red_green[:, 70:].copy()))
        return [(io.BytesIO(data), f"{index}.png") for index, data in enumerate(images)]

    for labels in ("red, green", ["red", "green"]):
        form = {"image": files(), "labels": labels, "top_k": "1", "plot": "true"}
        answer = client.post("/classify", data=form)
        check_documented(client, answer, "post", "/classify")
        results = check_success(answer)["results"]
        assert [entry["name"] for entry in results] == ["0.png", "1.png", "2.png"]
        assert [entry.get("label") for entry in results] == ["red", None, "green"]
        assert results[1]["error"]["code"] == "unsupported_media"
        assert len(results[0]["alternatives"]) == 1


def test_the_plot_is_a_picture(client: FlaskClient, red: Rgb) -> None:
    odd = ["red", "猫", "$\\frac{1}{0}$ a_b^c", "x" * 200]
    (entry,) = classify(client, file_id=upload(client, red), labels=odd, plot=True)["results"]
    data = base64.b64decode(entry["plot"].removeprefix("data:image/png;base64,"))
    image = Image.open(io.BytesIO(data))
    assert image.format == "PNG"
    assert image.width > 300
    again = classify(client, file_id=upload(client, red), labels=odd, plot=True)["results"][0]
    assert again["plot"] == entry["plot"]


def test_robust_tells_of_the_damage(client: FlaskClient) -> None:
    soft = blurred(scaled(data.astronaut(), 256), 4)
    file_id = upload(client, soft)
    plain = classify(client, file_id=file_id, **COLORS)["results"][0]
    robust = classify(client, file_id=file_id, robust=True, **COLORS)
    entry = robust["results"][0]
    assert entry["quality"]["blur"] == pytest.approx(4.1, rel=0.1)
    assert entry["quality"]["noise"] < 1
    assert entry["alternatives"] != plain["alternatives"]
    assert "quality" not in plain
    assert classify(client, file_id=file_id, robust=False, **COLORS)["results"][0] == plain
    form = {"image": (io.BytesIO(png_bytes(soft)), "a.png"), "robust": "true", "labels": "red, green, blue"}
    sent = check_success(client.post("/classify", data=form))["results"][0]
    assert {**sent, "file_id": file_id} == {**entry, "name": "a.png"}


def test_robust_says_of_a_clean_photograph_what_is_said_without(client: FlaskClient) -> None:
    file_id = upload(client, scaled(data.astronaut(), 256))
    robust, plain = (
        classify(client, file_id=file_id, robust=wanted, **COLORS)["results"][0] for wanted in (True, False)
    )
    assert set(robust.pop("quality")) == {"blur", "noise"}
    assert robust == plain


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"file_id": "gone"}, 404, "not_found"),
        ({}, 422, "invalid_request"),
        ({"file_id": "a", "file_ids": ["b"]}, 422, "invalid_request"),
        ({"file_ids": []}, 422, "invalid_request"),
        ({"file_id": "a", "labels": []}, 422, "invalid_request"),
        ({"file_id": "a", "labels": ["unknown"]}, 422, "invalid_request"),
        ({"file_id": "a", "vocabulary": "klingon"}, 422, "unknown_vocabulary"),
        ({"file_id": "a", "top_k": 0}, 422, "invalid_request"),
        ({"file_id": "a", "plott": True}, 422, "invalid_request"),
        ({"file_id": "a", "robust": "very"}, 422, "invalid_request"),
    ],
)
def test_what_is_refused(client: FlaskClient, body: dict[str, Any], status: int, code: str) -> None:
    answer = client.post("/classify", json=body)
    check_error(answer, status, code)
    check_documented(client, answer, "post", "/classify")


def test_forms_that_are_refused(client: FlaskClient, red: Rgb) -> None:
    check_error(
        client.post("/classify", data={"labels": "red"}, content_type="multipart/form-data"),
        400,
        "malformed_request",
    )
    image = {"image": (io.BytesIO(png_bytes(red)), "a.png")}
    check_error(client.post("/classify", data={**image, "top_k": "many"}), 422, "invalid_request")
    broken = {"image": (io.BytesIO(b"no image"), "a.png")}
    check_error(client.post("/classify", data=broken), 415, "unsupported_media")
    check_error(client.post("/classify", data=b"x", content_type="text/plain"), 400, "malformed_request")


def test_without_a_labeller(build: Build, red: Rgb) -> None:
    client = build(labeller=ModelUnavailable("no weights")).test_client()
    check_error(
        client.post("/classify", json={"file_ids": [upload(client, red)] * 2}), 503, "model_unavailable"
    )


def test_names_come_in_the_language_asked_for(client: FlaskClient, red: Rgb) -> None:
    file_id = upload(client, red)
    body = {"file_id": file_id, "top_k": 55}
    english = {score["label"] for score in classify(client, **body)["results"][0]["alternatives"]}
    german = {score["label"] for score in classify(client, **body, lang="de")["results"][0]["alternatives"]}
    assert ("cat" in english, "Katze" in german, "cat" in german) == (True, True, False)
    in_address = client.post("/classify?lang=de", json=body).get_json()
    assert in_address["results"][0]["alternatives"][0]["label"] in german
    regions = client.post("/segment?lang=ja", json={"file_id": file_id, "top_k": 55}).get_json()
    assert "猫" in {score["label"] for score in regions["labels"][0]["alternatives"]}
    assert "Katze" in client.get("/labels?lang=de").get_json()["labels"]
    check_error(client.post("/segment", json={"file_id": file_id, "lang": "xx"}), 422, "invalid_request")
    check_error(client.post("/segment?lang=xx", json={"file_id": file_id}), 422, "invalid_request")
