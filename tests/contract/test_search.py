"""/index, /search, /similar, /rank."""

import io
import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from config.settings import Settings
from domain.arrays import Rgb
from domain.errors import ModelUnavailable
from tests.conftest import Build, png_bytes
from tests.contract.pictures import Newer, plain, upload
from tests.contract.shapes import check_documented, check_error, check_success

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
    body = {"file_ids": [*file_ids], "labels": COLORS, **options}
    return list(call(client, "POST", "/index", json=body)["indexed"])


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


def test_what_is_similar(client: FlaskClient, red: str, green: str, file_id: str) -> None:
    put(client, red, green, file_id, max_masks=8)
    asked = upload(client, plain((200, 0, 0)))
    by_upload = call(client, "POST", "/similar", json={"file_id": asked, "limit": 1})
    assert (by_upload["scope"], by_upload["results"][0]["file_id"]) == ("image", red)
    form = {"image": (io.BytesIO(png_bytes(plain(GREEN))), "a.png"), "limit": "2", "group": "false"}
    by_form = call(client, "POST", "/similar", data=form)
    assert [entry["file_id"] for entry in by_form["results"]] == [green, file_id]
    of_itself = call(client, "POST", "/similar", json={"file_id": red})["results"]
    assert [entry["file_id"] for entry in of_itself] == [file_id, green]


def test_what_is_similar_to_a_region(client: FlaskClient, red: str, green: str, file_id: str) -> None:
    put(client, red, green, file_id, max_masks=8)
    regions = call(client, "GET", "/search?q=green&scope=region&group=false&limit=100")["results"]
    index = next(entry["mask_index"] for entry in regions if entry["file_id"] == file_id)
    for region in ({"mask_index": index}, {"points": [{"x": 140, "y": 48}]}, {"box": [120, 20, 160, 60]}):
        found = call(client, "POST", "/similar", json={"file_id": file_id, **region})
        assert found["scope"] == "region"
        assert {entry["file_id"] for entry in found["results"]} == {red, green}
        assert found["results"][0]["label"] == "green"
    whole = call(client, "POST", "/similar", json={"file_id": file_id, "mask_index": index, "scope": "image"})
    assert [entry["file_id"] for entry in whole["results"]] == [green, red]


def test_ranking(client: FlaskClient, red: str, green: str) -> None:
    put(client, green, regions=False)
    results = call(client, "POST", "/rank", json={"q": "green", "file_ids": [red, "gone", green]})["results"]
    assert [entry["file_id"] for entry in results] == [green, red, "gone"]
    assert results[0]["score"] > results[1]["score"]
    assert results[2]["error"]["code"] == "not_found"
    assert set(results[2]) == {"file_id", "error"}


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


def test_regions_that_are_not_there(client: FlaskClient, red: str) -> None:
    for region in ({"mask_index": 0}, {"box": [0, 0, 500, 500]}, {"points": [{"x": 500, "y": 1}]}):
        answer = client.post("/similar", json={"file_id": red, **region})
        check_error(answer, 422, "invalid_request")
    put(client, red, regions=False)
    message = check_error(
        client.post("/similar", json={"file_id": red, "mask_index": 3}), 422, "invalid_request"
    )["message"]
    assert message.endswith("which has 0, got 3")


def test_forms_that_are_refused(client: FlaskClient) -> None:
    def send(data: dict[str, Any]) -> Any:
        return client.post("/similar", data=data, content_type="multipart/form-data")

    image = png_bytes(plain(RED))
    check_error(send({"limit": "3"}), 400, "malformed_request")
    check_error(send({"image": (io.BytesIO(b"no image"), "a.png")}), 415, "unsupported_media")
    check_error(send({"image": (io.BytesIO(image), "a.png"), "limit": "many"}), 422, "invalid_request")
    two = {"image": [(io.BytesIO(image), "a.png"), (io.BytesIO(image), "b.png")]}
    check_error(send(two), 422, "invalid_request")
    check_error(client.post("/similar", data=b"x", content_type="text/plain"), 400, "malformed_request")


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
