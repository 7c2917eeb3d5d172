"""POST /analyze and /analyze/batch."""

from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from domain.arrays import Rgb
from tests.conftest import Build, png_bytes
from tests.contract.shapes import check_documented, check_error, check_success
from tests.contract.test_jobs import submit, until


@pytest.fixture
def labelled() -> Rgb:
    """96 x 160: white with a black stripe that reads, a red and a green half below."""
    rgb = np.full((96, 160, 3), 255, np.uint8)
    rgb[40:, :80] = 255, 0, 0
    rgb[40:, 80:] = 0, 255, 0
    rgb[10:20, 20:120] = 0
    rgb[10:20, 100:120] = 128
    return rgb


@pytest.fixture
def file_id(client: FlaskClient, labelled: Rgb) -> str:
    return str(client.post("/upload", data=png_bytes(labelled)).get_json()["file_id"])


COLORS = {"labels": ["red", "green"], "points_per_side": 8}


def analyze(client: FlaskClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/analyze", json=body)
    check_documented(client, answer, "post", "/analyze")
    return check_success(answer)


def test_it_joins_what_the_others_answer(client: FlaskClient, file_id: str) -> None:
    options = {**COLORS, "masks": "rle", "top_k": 2}
    scene = analyze(client, file_id=file_id, **options)
    segments = check_success(client.post("/segment", json={"file_id": file_id, **options}))
    text = check_success(client.get(f"/extract_text/{file_id}"))
    depth = check_success(client.get(f"/depth/{file_id}"))
    assert scene["segmented_image"] == segments["segmented_image"]
    assert scene["mask_count"] == segments["mask_count"] == len(scene["labels"]) > 3
    for entry, other in zip(scene["labels"], segments["labels"], strict=True):
        assert {name: entry[name] for name in other} == other
        assert set(entry) - set(other) == {"parent", "depth", "text", "text_lines", "colors"}
    assert (scene["text"], scene["lines"]) == (text["text"], text["lines"])
    assert scene["depth"] == {name: depth[name] for name in ("kind", "min", "max")}
    assert set(scene["models"]) == {"segmenter", "labeller", "text", "depth"}
    assert {score["label"] for score in scene["image_labels"]} == {"red", "green"}
    shares = [score["confidence"] for score in scene["image_labels"]] + [scene["image_unknown"]]
    assert sum(shares) == pytest.approx(1, abs=1e-3)
    assert {"load", "encode", "classify", "depth", "detect", "join", "total"} <= set(scene["timings_ms"])


def test_the_facts_of_regions_agree_with_each_other(client: FlaskClient, file_id: str) -> None:
    entries = analyze(client, file_id=file_id, **COLORS)["labels"]
    assert sorted(entry["depth"]["rank"] for entry in entries) == [*range(1, len(entries) + 1)]
    front_to_back = sorted(entries, key=lambda entry: entry["depth"]["rank"])
    medians = [entry["depth"]["median"] for entry in front_to_back]
    assert medians == sorted(medians, reverse=True)  # The fake says: lower is nearer.
    assert all(
        entry["depth"]["min"] <= entry["depth"]["median"] <= entry["depth"]["max"] for entry in entries
    )
    for entry in entries:
        assert entry["parent"] is None or entries[entry["parent"]]["area"] >= entry["area"]
        assert sum(color["share"] for color in entry["colors"]) <= 1.01


def test_text_belongs_to_the_region_that_bears_it(client: FlaskClient, file_id: str) -> None:
    box = {"prompt_type": "point", "points": [{"x": 60, "y": 15}], "max_masks": 3, "masks": "rle"}
    scene = analyze(client, file_id=file_id, **box)
    (line,) = scene["lines"]
    bearing = [entry for entry in scene["labels"] if entry["text"]]
    assert bearing
    assert {entry["text"] for entry in bearing} == {line["text"]}
    assert all(entry["text_lines"] == ([0] if entry["text"] else []) for entry in scene["labels"])


def test_what_is_not_wanted_is_left_out(client: FlaskClient, file_id: str) -> None:
    without = {"depth": False, "text": False, "colors": False, "classify": False, "overlay": False}
    scene = analyze(client, file_id=file_id, points_per_side=4, **without)
    assert not {"depth", "text", "lines", "segmented_image"} & set(scene)
    assert scene["image_labels"] == []
    assert set(scene["models"]) == {"segmenter"}
    assert all(not {"depth", "text", "text_lines", "colors"} & set(entry) for entry in scene["labels"])
    assert not {"depth", "detect", "read"} & set(scene["timings_ms"])
    quiet = analyze(client, file_id=file_id, points_per_side=4, min_text_confidence=1)
    assert (quiet["text"], quiet["lines"]) == ("", [])


def test_without_depth_and_text_the_rest_is_answered_and_the_reasons_told(
    build: Build, labelled: Rgb
) -> None:
    from domain.errors import ModelUnavailable

    missing = {name: ModelUnavailable(f"no {name} here") for name in ("estimator", "text_reader", "labeller")}
    client = build(**missing).test_client()
    file_id = client.post("/upload", data=png_bytes(labelled)).get_json()["file_id"]
    scene = analyze(client, file_id=file_id, **COLORS)
    assert not {"depth", "text", "lines"} & set(scene)
    assert scene["image_labels"] == []
    assert {entry["label"] for entry in scene["labels"]} == {"unknown"}
    for job, name in {"depth": "estimator", "text": "text_reader", "labeller": "labeller"}.items():
        assert f"no {name} here" in scene["models"][job]["error"]


def test_without_a_segmenter_there_is_no_answer(build: Build, labelled: Rgb) -> None:
    from domain.errors import ModelUnavailable

    client = build(segmenter=ModelUnavailable("gone")).test_client()
    file_id = client.post("/upload", data=png_bytes(labelled)).get_json()["file_id"]
    check_error(client.post("/analyze", json={"file_id": file_id}), 503, "model_unavailable")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"file_id": "none"}, 404, "not_found"),
        ({}, 422, "invalid_request"),
        ({"min_text_confidence": 2}, 422, "invalid_request"),
        ({"depth": "yes"}, 422, "invalid_request"),
        ({"min_confidence": 0.5}, 422, "invalid_request"),
        ({"prompt_type": "box", "box": [0, 0, 999, 9]}, 422, "invalid_request"),
        ({"labels": ["a"], "vocabulary": "default"}, 422, "invalid_request"),
    ],
)
def test_what_is_refused(
    client: FlaskClient, file_id: str, body: dict[str, Any], status: int, code: str
) -> None:
    sent = {"file_id": file_id, **body} if body else body
    answer = client.post("/analyze", json=sent)
    check_error(answer, status, code)
    check_documented(client, answer, "post", "/analyze")


def test_as_a_job_it_gives_the_same(client: FlaskClient, file_id: str) -> None:
    job = until(client, submit(client, "/analyze", file_id=file_id, **COLORS), "succeeded")
    assert job["kind"] == "analyze"
    expected = analyze(client, file_id=file_id, **COLORS)
    for answer in (job["result"], expected):
        answer.pop("timings_ms")
    assert job["result"] == expected


def test_a_batch_with_a_bad_one(client: FlaskClient, file_id: str) -> None:
    url = submit(client, "/analyze/batch", file_ids=[file_id, "gone", file_id], text=False, **COLORS)
    items = until(client, url, "succeeded")["items"]
    assert [item["state"] for item in items] == ["succeeded", "failed", "succeeded"]
    assert items[1]["error"]["code"] == "not_found"
    assert items[0]["result"]["labels"] == items[2]["result"]["labels"]
    assert "text" not in items[0]["result"]


def test_crop_layers_are_those_of_segment(client: FlaskClient, file_id: str) -> None:
    body = {"file_id": file_id, "points_per_side": 4, "crop_layers": 1}
    segments = check_success(client.post("/segment", json={**body, "overlay": False}))["labels"]
    regions = analyze(client, **body)["labels"]
    assert [entry["bbox"] for entry in regions] == [entry["bbox"] for entry in segments]
