"""/index."""

import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from config.settings import Settings
from domain.arrays import Rgb
from tests.conftest import Build
from tests.contract.pictures import Newer, plain, upload
from tests.contract.search_calls import ABSENT, COLORS, GREEN, RED, call, put
from tests.contract.shapes import check_documented, check_error, check_success


@pytest.fixture
def red(client: FlaskClient) -> str:
    return upload(client, plain(RED))


@pytest.fixture
def green(client: FlaskClient) -> str:
    return upload(client, plain(GREEN))


def test_a_photograph_and_its_regions(client: FlaskClient, file_id: str) -> None:
    body = {"file_id": file_id, "labels": COLORS, "max_masks": 8}
    answer = call(client, "POST", "/index", json=body)
    segments = client.post("/segment", json={**body, "overlay": False}).get_json()["labels"]
    assert answer["indexed"] == [{"file_id": file_id, "regions": len(segments)}]
    assert set(answer["models"]) == {"segmenter", "labeller"}
    counts = call(client, "GET", "/index")
    assert (counts["images"], counts["regions"], counts["other_images"]) == (1, len(segments), 0)
    found = call(client, "GET", "/search?q=green&scope=region&group=false&limit=100")
    assert found["scope"] == "region"
    assert len(found["results"]) == len(segments)
    scores = [entry["score"] for entry in found["results"]]
    assert scores == sorted(scores, reverse=True)
    for entry in found["results"]:
        segment = segments[entry["mask_index"]]
        members = ("bbox", "label", "confidence")
        assert [entry[name] for name in members] == [segment[name] for name in members]
        assert (entry["file_id"], entry["duplicates"]) == (file_id, [])
    assert found["results"][0]["label"] == "green"


def test_one_that_is_wrong_spoils_no_other(client: FlaskClient, red: str) -> None:
    good, bad = put(client, red, ABSENT, regions=False)
    assert good == {"file_id": red, "regions": 0}
    assert bad["error"]["code"] == "not_found"
    assert set(bad) == {"file_id", "error"}


def test_leaving_the_index(client: FlaskClient, red: str, green: str) -> None:
    put(client, red, green, max_masks=4)
    assert call(client, "DELETE", f"/index/{red}", "/index/{file_id}")["file_id"] == red
    answer = client.delete(f"/index/{red}")
    check_error(answer, 404, "not_found")
    check_documented(client, answer, "delete", "/index/{file_id}")
    assert [entry["file_id"] for entry in call(client, "GET", "/search?q=red")["results"]] == [green]
    regions = call(client, "GET", "/search?q=red&scope=region")["results"]
    assert {entry["file_id"] for entry in regions} == {green}
    assert client.post("/segment", json={"file_id": red, "overlay": False}).status_code == 200


def test_in_the_background(client: FlaskClient, red: str, green: str) -> None:
    client.application.extensions["jobs"].start()
    single = client.post("/index", json={"file_id": red, "max_masks": 3, "async": True})
    batch = client.post("/index/batch", json={"file_ids": [green, ABSENT], "regions": False})
    check_documented(client, single, "post", "/index")
    check_documented(client, batch, "post", "/index/batch")
    one, many = (finished(client, answer.get_json()["status_url"]) for answer in (single, batch))
    assert one["result"]["indexed"] == [{"file_id": red, "regions": 3}]
    assert [item["state"] for item in many["items"]] == ["succeeded", "failed"]
    assert call(client, "GET", "/index")["images"] == 2


def finished(client: FlaskClient, url: str) -> dict[str, Any]:
    for _ in range(500):
        answer = client.get(url)
        if answer.get_json()["finished_at"]:
            check_documented(client, answer, "get", "/jobs/{job_id}")
            return check_success(answer)
        time.sleep(0.02)
    raise AssertionError(answer.text)


def test_expired_photographs_are_not_found(build: Build, settings: Settings) -> None:
    client = build().test_client()
    kept, gone = upload(client, plain(RED)), upload(client, plain(RED))
    put(client, kept, gone, max_masks=2)
    folder = settings.data_dir / "images" / gone
    folder.rename(folder.with_name("away"))
    for scope in ("image", "region"):
        results = call(client, "GET", f"/search?q=red&scope={scope}&group=false")["results"]
        assert {entry["file_id"] for entry in results} == {kept}
    assert call(client, "GET", "/index")["images"] == 1


def test_another_model_finds_what_was_indexed_with_it(build: Build) -> None:
    client = build().test_client()
    put(client, upload(client, plain(RED)), regions=False)

    other = build(labeller=Newer()).test_client()
    counts = call(other, "GET", "/index")
    assert (counts["images"], counts["other_images"]) == (0, 1)
    assert call(other, "GET", "/search?q=red")["results"] == []


def test_an_index_that_cannot_be_kept(build: Build, settings: Settings, red_green: Rgb) -> None:
    client = build().test_client()
    file_id = upload(client, red_green)
    (settings.data_dir / "index.sqlite").mkdir()
    for answer in (
        client.post("/index", json={"file_id": file_id, "regions": False}),
        client.get("/search?q=red"),
        client.get("/index"),
        client.delete(f"/index/{file_id}"),
    ):
        check_error(answer, 503, "storage_unavailable")


def test_crop_layers_index_more_regions(client: FlaskClient, file_id: str) -> None:
    body = {"file_id": file_id, "points_per_side": 4}
    few = call(client, "POST", "/index", json=body)["indexed"][0]["regions"]
    many = call(client, "POST", "/index", json={**body, "crop_layers": 1})["indexed"][0]["regions"]
    assert many > few
    answer = client.post("/index", json={**body, "crop_overlap": 0.1})
    assert (
        "expected `crop_overlap` with `crop_layers`" in check_error(answer, 422, "invalid_request")["message"]
    )
