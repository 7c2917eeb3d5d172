"""POST /segment in the formats of other tools, and cut-outs."""

import base64
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from PIL import Image
from pycocotools import mask as coco
from werkzeug.test import TestResponse

from domain.arrays import Rgb
from services.formats.table import FORMAT_NAMES, FORMATS
from tests.conftest import Build, png_bytes
from tests.contract.shapes import check_documented, check_error, check_success
from tests.contract.test_jobs import submit, until

LABELS = ["red", "green"]


@pytest.fixture
def segment(client: FlaskClient, file_id: str):
    def post(**body: Any) -> TestResponse:
        return client.post("/segment", json={"file_id": file_id, "labels": LABELS, "max_masks": 5, **body})

    return post


def masks_of(body: dict[str, Any]) -> list[np.ndarray]:
    return [coco.decode(entry["mask"]).astype(bool) for entry in body["labels"]]


@pytest.mark.parametrize("form", FORMAT_NAMES)
def test_the_body_is_the_document_as_it_is_described(client: FlaskClient, segment, form: str) -> None:
    answer = segment(format=form)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == FORMATS[form].media_type
    assert answer.headers["X-Request-ID"]
    specification = client.get("/openapi.json").get_json()
    content = specification["paths"]["/segment"]["post"]["responses"]["200"]["content"]
    schema = {**content[answer.mimetype]["schema"], "components": specification["components"]}
    document = json.loads(answer.text) if answer.mimetype.endswith("json") else answer.text
    Draft202012Validator(schema).validate(document)


def test_the_regions_are_those_of_json(segment, file_id: str) -> None:
    expected = check_success(segment(format="json", masks="rle"))
    document = segment(format="coco").get_json()
    assert document["images"] == [{"id": 1, "file_name": file_id, "width": 160, "height": 96}]
    assert [category["name"] for category in document["categories"]] == [*LABELS, "unknown"]
    for annotation, entry in zip(document["annotations"], expected["labels"], strict=True):
        assert annotation["segmentation"] == entry["mask"]
        assert annotation["bbox"] == entry["bbox"]
        assert annotation["area"] == entry["area"]
        assert annotation["score"] == entry["confidence"]
        assert document["categories"][annotation["category_id"] - 1]["name"] == entry["label"]


def test_each_format_has_the_regions(segment) -> None:
    expected = check_success(segment())["labels"]
    names = [entry["label"] for entry in expected]
    assert [LABELS[int(row.split()[0])] for row in segment(format="yolo").text.splitlines()] == names
    assert [one.findtext("name") for one in ET.fromstring(segment(format="voc").text).iter("object")] == names
    assert [record["label"] for record in segment(format="sam").get_json()] == names
    features = json.loads(segment(format="geojson").text)["features"]
    assert [feature["properties"]["label"] for feature in features] == names
    assert {shape["label"] for shape in segment(format="labelme").get_json()["shapes"]} == set(names)
    ((task,), prompt) = segment(format="label_studio").get_json(), segment(format="label_studio")
    assert [one["value"]["brushlabels"][0] for one in task["predictions"][0]["result"]] == names
    assert prompt.status_code == 200


def test_panoptic_segments_and_their_picture_agree(segment) -> None:
    (annotation,) = segment(format="coco_panoptic").get_json()["annotations"]
    data = base64.b64decode(annotation["segmentation"].removeprefix("data:image/png;base64,"))
    ids = np.asarray(Image.open(io.BytesIO(data))).astype(int) @ [1, 256, 65536]
    assert ids.shape == (96, 160)
    areas = {int(number): int((ids == number).sum()) for number in set(np.unique(ids)) - {0}}
    assert areas == {one["id"]: one["area"] for one in annotation["segments_info"]}


def test_members_about_json_change_no_document(segment) -> None:
    plain = segment(format="coco")
    assert segment(format="coco", masks="png", overlay=True, cutouts=True).data == plain.data


def test_without_classification_every_region_is_unknown(client: FlaskClient, file_id: str) -> None:
    answer = client.post("/segment", json={"file_id": file_id, "format": "coco", "classify": False})
    assert [category["name"] for category in answer.get_json()["categories"]] == ["unknown"]


def test_an_unknown_format_and_a_job_are_refused(client: FlaskClient, segment, file_id: str) -> None:
    assert "label_studio" in check_error(segment(format="coco2"), 422, "invalid_request")["message"]
    message = check_error(segment(**{"format": "coco", "async": True}), 422, "invalid_request")["message"]
    assert "json" in message
    batch = client.post("/segment/batch", json={"file_ids": [file_id], "format": "coco"})
    assert "format" in check_error(batch, 422, "invalid_request")["message"]
    analyze = client.post("/analyze", json={"file_id": file_id, "format": "coco"})
    check_error(analyze, 422, "invalid_request")


def test_errors_of_documents_have_the_one_shape(client: FlaskClient) -> None:
    answer = client.post("/segment", json={"file_id": "gone", "format": "yolo"})
    check_error(answer, 404, "not_found")


@pytest.mark.parametrize("path", ["segment", "analyze"])
def test_cutouts_show_the_region_and_nothing_else(
    client: FlaskClient, file_id: str, red_green: Rgb, path: str
) -> None:
    sent = {"file_id": file_id, "cutouts": True, "masks": "rle", "max_masks": 5}
    answer = client.post(f"/{path}", json=sent)
    body = check_success(answer)
    check_documented(client, answer, "post", f"/{path}")
    for entry, mask in zip(body["labels"], masks_of(body), strict=True):
        x, y, width, height = entry["bbox"]
        data = base64.b64decode(entry["cutout"].removeprefix("data:image/png;base64,"))
        cutout = np.asarray(Image.open(io.BytesIO(data)))
        inside = mask[y : y + height, x : x + width]
        np.testing.assert_array_equal(cutout[..., 3], np.where(inside, 255, 0))
        np.testing.assert_array_equal(cutout[inside, :3], red_green[mask])


def test_cutouts_come_in_jobs_and_only_on_request(client: FlaskClient, file_id: str) -> None:
    url = submit(client, "/segment/batch", file_ids=[file_id], cutouts=True)
    (item,) = until(client, url, "succeeded")["items"]
    assert all(entry["cutout"].startswith("data:image/png") for entry in item["result"]["labels"])
    body = check_success(client.post("/segment", json={"file_id": file_id}))
    assert not any("cutout" in entry for entry in body["labels"])


def test_sizes_are_those_of_the_upright_image(build: Build, red_green: Rgb, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(red_green).save(tmp_path / "turned.png", exif=exif)
    client = build().test_client()
    for data, size in (
        (png_bytes(red_green), (160, 96)),
        ((tmp_path / "turned.png").read_bytes(), (96, 160)),
    ):
        file_id = client.post("/upload", data=data).get_json()["file_id"]
        document = client.post("/segment", json={"file_id": file_id, "format": "labelme"}).get_json()
        assert (document["imageWidth"], document["imageHeight"]) == size
