"""POST /segment with `output` panoptic, and the same in batches, forms and /analyze."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from pycocotools import mask as coco
from werkzeug.test import TestResponse

from domain.arrays import Mask, Rgb
from domain.errors import ModelUnavailable
from tests.conftest import Build, png_bytes
from tests.contract.shapes import check_documented, check_error, check_success
from tests.contract.test_jobs import submit, until

OPTIONS = {"output": "panoptic", "labels": ["red", "green", "sky"], "masks": "rle"}


@pytest.fixture
def segment(client: FlaskClient, file_id: str):
    def post(**body: Any) -> TestResponse:
        return client.post("/segment", json={"file_id": file_id, **OPTIONS, **body})

    return post


def pixels_of(url: str) -> np.ndarray:
    data = url.removeprefix("data:image/png;base64,")
    assert data != url
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def ids_of(url: str) -> np.ndarray:
    return pixels_of(url).astype(int) @ [1, 256, 65536]


def masks_of(body: dict[str, Any]) -> list[Mask]:
    return [coco.decode(entry["mask"]).astype(bool) for entry in body["labels"]]


def check_map(body: dict[str, Any]) -> None:
    """The map, the masks and the entries say the same of each pixel."""
    ids = ids_of(body["segmentation"])
    assert ids.shape == (body["height"], body["width"])
    assert body["mask_count"] == len(body["labels"]) == ids.max() == len(set(np.unique(ids)) - {0}) > 1
    for entry, mask in zip(body["labels"], masks_of(body), strict=True):
        np.testing.assert_array_equal(mask, ids == entry["mask_index"] + 1)
        assert entry["area"] == mask.sum()
        assert entry["label"] != "unknown"
        assert entry["is_thing"] is True


def test_the_map_agrees_with_the_entries(client: FlaskClient, segment) -> None:
    answer = segment(top_k=2, cutouts=True)
    body = check_success(answer)
    check_documented(client, answer, "post", "/segment")
    check_map(body)
    assert {entry["label"] for entry in body["labels"]} == {"red", "green"}
    assert all(len(entry["alternatives"]) == 2 for entry in body["labels"])
    assert "choose" in body["timings_ms"]
    assert pixels_of(body["segmented_image"]).shape == (96, 160, 3)
    for entry, mask in zip(body["labels"], masks_of(body), strict=True):
        x, y, width, height = entry["bbox"]
        inside = mask[y : y + height, x : x + width]
        np.testing.assert_array_equal(pixels_of(entry["cutout"])[..., 3] == 255, inside)


def test_stuff_is_one_segment_and_no_thing(client: FlaskClient, segment) -> None:
    things = check_success(segment(labels=["blue", "green"]))["labels"]
    assert len(things) > 1
    taught = {"name": "lawns", "labels": ["blue", {"name": "grass", "prompts": ["green"]}]}
    assert client.post("/vocabularies", json=taught).status_code == 201
    (grass,) = check_success(segment(labels=None, vocabulary="lawns"))["labels"]
    assert (grass["label"], grass["is_thing"]) == ("grass", False)
    assert grass["area"] > max(entry["area"] for entry in things)


def test_regions_are_the_default_and_have_no_map(client: FlaskClient, segment, file_id: str) -> None:
    plain = {key: value for key, value in OPTIONS.items() if key != "output"}
    body = check_success(client.post("/segment", json={"file_id": file_id, **plain}))
    assert "segmentation" not in body
    assert not any("is_thing" in entry for entry in body["labels"])
    assert check_success(segment(output="regions"))["labels"] == body["labels"]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"prompt_type": "point", "points": [{"x": 5, "y": 5}]}, "prompt_type `grid`, got `point`"),
        ({"prompt_type": "box", "box": [5, 5, 50, 50]}, "prompt_type `grid`, got `box`"),
        ({"boxes": [[5, 5, 50, 50]]}, "got several prompts"),
        ({"prompts": [{"box": [5, 5, 50, 50]}]}, "got several prompts"),
        ({"classify": False}, "`classify` true"),
        ({"output": "objects"}, "'regions' or 'panoptic'"),
        ({"output": "regions", "format": "coco_panoptic"}, "`output` panoptic, got regions"),
    ],
)
def test_what_has_no_whole_objects_is_refused(segment, members: dict[str, Any], words: str) -> None:
    message = check_error(segment(**members), 422, "invalid_request")["message"]
    assert words in message
    check_error(segment(**members, **{"async": True}), 422, "invalid_request")


def test_the_panoptic_format_implies_whole_objects(client: FlaskClient, segment, file_id: str) -> None:
    document = segment(format="coco_panoptic").get_json()
    plain = {"file_id": file_id, "labels": OPTIONS["labels"], "format": "coco_panoptic"}
    assert client.post("/segment", json=plain).get_json() == document
    body = check_success(segment())
    (annotation,) = document["annotations"]
    assert annotation["segmentation"] == body["segmentation"]
    for info, entry in zip(annotation["segments_info"], body["labels"], strict=True):
        assert info["id"] == entry["mask_index"] + 1
        assert (info["area"], info["bbox"], info["score"]) == (
            entry["area"],
            entry["bbox"],
            entry["confidence"],
        )
        assert document["categories"][info["category_id"] - 1]["name"] == entry["label"]
    assert [(one["name"], one["isthing"]) for one in document["categories"]] == [
        ("red", 1),
        ("green", 1),
        ("sky", 0),
        ("unknown", 1),
    ]
    refused = client.post("/segment", json={**plain, "classify": False})
    assert "`format` coco_panoptic" in check_error(refused, 422, "invalid_request")["message"]


def test_other_formats_have_the_segments(segment) -> None:
    entries = check_success(segment())["labels"]
    annotations = segment(format="coco").get_json()["annotations"]
    assert [one["segmentation"] for one in annotations] == [entry["mask"] for entry in entries]


def test_a_form_a_job_and_a_batch_answer_the_same(
    client: FlaskClient, segment, file_id: str, red_green: Rgb
) -> None:
    body = check_success(segment())
    form = {"image": (io.BytesIO(png_bytes(red_green)), "a.png"), "output": "panoptic", "masks": "rle"}
    sent = check_success(client.post("/segment", data={**form, "labels": "red,green,sky"}))
    job = until(client, submit(client, file_id=file_id, **OPTIONS), "succeeded")["result"]
    batch = until(client, submit(client, "/segment/batch", file_ids=[file_id], **OPTIONS), "succeeded")
    for other in (sent, job, batch["items"][0]["result"]):
        assert other["labels"] == body["labels"]
        assert other["segmentation"] == body["segmentation"]


def test_analyze_takes_it_too(client: FlaskClient, segment, file_id: str) -> None:
    answer = client.post("/analyze", json={"file_id": file_id, **OPTIONS})
    body = check_success(answer)
    check_documented(client, answer, "post", "/analyze")
    check_map(body)
    assert body["segmentation"] == check_success(segment())["segmentation"]
    assert {entry["parent"] for entry in body["labels"]} == {None}
    assert sorted(entry["depth"]["rank"] for entry in body["labels"]) == [*range(1, len(body["labels"]) + 1)]


def test_an_image_that_shows_nothing_has_no_segments(client: FlaskClient) -> None:
    data = png_bytes(np.full((40, 60, 3), 200, np.uint8))
    file_id = client.post("/upload", data=data).get_json()["file_id"]
    body = check_success(client.post("/segment", json={"file_id": file_id, **OPTIONS}))
    assert (body["mask_count"], body["labels"]) == (0, [])
    assert not ids_of(body["segmentation"]).any()
    document = client.post("/segment", json={"file_id": file_id, "format": "coco_panoptic"}).get_json()
    assert document["annotations"][0]["segments_info"] == []


@pytest.mark.parametrize("path", ["segment", "analyze"])
def test_without_a_labeller_there_are_no_whole_objects(build: Build, red_green: Rgb, path: str) -> None:
    client = build(labeller=ModelUnavailable("no labeller here")).test_client()
    file_id = client.post("/upload", data=png_bytes(red_green)).get_json()["file_id"]
    answer = client.post(f"/{path}", json={"file_id": file_id, **OPTIONS})
    assert check_error(answer, 503, "model_unavailable")["message"].endswith("no labeller here")
