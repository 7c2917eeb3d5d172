"""/similar."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import png_bytes
from tests.contract.pictures import plain, upload
from tests.contract.search_calls import GREEN, RED, call, put
from tests.contract.shapes import check_error


@pytest.fixture
def red(client: FlaskClient) -> str:
    return upload(client, plain(RED))


@pytest.fixture
def green(client: FlaskClient) -> str:
    return upload(client, plain(GREEN))


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
