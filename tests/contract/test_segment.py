"""POST /segment: every option, and what it refuses."""

import base64
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from pycocotools import mask as coco
from skimage.draw import polygon2mask
from werkzeug.test import TestResponse

from tests.conftest import Build, png_bytes
from tests.contract.shapes import check_documented, check_error, check_success
from tests.fakes import DiscSegmenter

WIDTH, HEIGHT = 160, 96
COLORS = ["red", "green", "blue"]


@pytest.fixture
def segment(client: FlaskClient, file_id: str):
    def post(**body: Any) -> TestResponse:
        return client.post("/segment", json={"file_id": file_id, **body})

    return post


def _png(url: str) -> np.ndarray:
    prefix = "data:image/png;base64,"
    assert url.startswith(prefix)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.removeprefix(prefix)))))


def test_the_call_of_existing_clients(client: FlaskClient, file_id: str) -> None:
    answer = client.post("/segment", json={"file_id": file_id, "prompt_type": "grid"})
    body = check_success(answer)
    assert _png(body["segmented_image"]).shape == (HEIGHT, WIDTH, 3)
    assert body["mask_count"] == len(body["labels"]) > 10
    for index, entry in enumerate(body["labels"]):
        assert entry["mask_index"] == index
        assert "mask" not in entry
        x, y, w, h = entry["bbox"]
        assert 0 <= x < x + w <= WIDTH
        assert 0 <= y < y + h <= HEIGHT
        assert 0 < entry["area"] <= w * h
    assert body["models"]["segmenter"] == {"name": "fake-discs", "sha256": "5" * 64}
    assert body["models"]["labeller"]["name"] == "fake-colors"
    assert {"load", "encode", "decode", "refine", "classify", "overlay", "total"} <= set(body["timings_ms"])
    check_documented(client, answer, "post", "/segment")


def test_grid_is_the_default_and_the_content_type_does_not_matter(client: FlaskClient, file_id: str) -> None:
    answer = client.post("/segment", data=json.dumps({"file_id": file_id}))
    assert check_success(answer)["mask_count"] > 10


def test_a_point_answers_one_mask_and_up_to_three(segment) -> None:
    points = [{"x": 40, "y": 48}]
    assert check_success(segment(prompt_type="point", points=points))["mask_count"] == 1
    body = check_success(segment(prompt_type="point", points=points, max_masks=3))
    areas = [entry["area"] for entry in body["labels"]]
    assert areas == sorted(areas)
    assert [entry["quality"] for entry in body["labels"]] == [0.9, 0.7, 0.5]


def test_a_box_answers_and_takes_points(segment) -> None:
    body = check_success(segment(prompt_type="box", box=[80, 0, 160, 96], labels=COLORS))
    assert body["labels"][0]["label"] == "green"
    check_success(segment(prompt_type="box", box=[0, 0, 160, 96], points=[{"x": 3, "y": 3, "label": 0}]))


def test_thresholds_apply_to_one_prompt_only_if_sent(segment) -> None:
    points = [{"x": 40, "y": 48}]
    sent = segment(prompt_type="point", points=points, max_masks=3, quality_threshold=0.6)
    assert check_success(sent)["mask_count"] == 2
    sent = segment(prompt_type="point", points=points, max_masks=3, stability_threshold=0.85)
    assert check_success(sent)["mask_count"] == 1
    sent = segment(prompt_type="point", points=points, min_area=WIDTH * HEIGHT)
    assert check_success(sent)["mask_count"] == 0


def test_grid_options(segment) -> None:
    few = check_success(segment(points_per_side=2))
    assert few["mask_count"] <= 12
    assert check_success(segment(max_masks=5))["mask_count"] == 5
    big = check_success(segment(min_area=1000))["labels"]
    assert all(entry["area"] >= 1000 for entry in big)
    small = check_success(segment(max_area=1000))["labels"]
    assert 0 < max(entry["area"] for entry in small) <= 1000
    assert check_success(segment(min_area=400, max_area=400))["mask_count"] == 0


def test_deduplication_of_a_grid(segment) -> None:
    many = check_success(segment(deduplication="none", max_masks=1000, adaptive=False, overlay=False))
    assert many["mask_count"] == 3 * 16 * 16
    counts = {
        name: check_success(segment(deduplication=name, max_masks=1000, overlay=False))["mask_count"]
        for name in ("mask", "box")
    }
    assert 10 < min(counts.values()) <= max(counts.values()) < many["mask_count"]
    best = [entry["quality"] for entry in check_success(segment(deduplication="box", max_masks=9))["labels"]]
    assert best == sorted(best, reverse=True)


def test_an_adaptive_grid_finds_no_more(segment) -> None:
    full, adaptive = (check_success(segment(adaptive=value, max_masks=1000)) for value in (False, True))
    assert 0 < adaptive["mask_count"] <= full["mask_count"]


def test_masks_as_they_were_decoded(segment) -> None:
    # A disc has no specks and no holes.
    sent = {"prompt_type": "point", "points": [{"x": 80, "y": 48}]}
    as_decoded, cleaned = (
        check_success(segment(**sent, clean=value, masks="rle")) for value in (False, True)
    )
    assert as_decoded["labels"] == cleaned["labels"]


@pytest.mark.parametrize("form", ["rle", "polygons", "png"])
def test_every_form_of_a_mask_is_the_same_mask(segment, form: str) -> None:
    body = check_success(segment(prompt_type="point", points=[{"x": 40, "y": 48}], masks=form))
    entry = body["labels"][0]
    mask = _decoded(entry["mask"], form)
    assert mask.shape == (HEIGHT, WIDTH)
    assert int(mask.sum()) == entry["area"]
    assert mask[48, 40]


def _decoded(mask: Any, form: str) -> np.ndarray:
    if form == "rle":
        assert mask["size"] == [HEIGHT, WIDTH]
        return coco.decode({"size": mask["size"], "counts": mask["counts"].encode()}).astype(bool)
    if form == "png":
        return _png(mask) > 0
    assert len(mask) == 1
    assert mask[0]["holes"] == []
    corners = np.array(mask[0]["exterior"])[:, ::-1]
    return polygon2mask((HEIGHT, WIDTH), corners - 0.5)


def test_forms_are_documented(client: FlaskClient, segment) -> None:
    for form in ("none", "rle", "polygons", "png"):
        check_documented(client, segment(masks=form, overlay=False), "post", "/segment")


def test_names_come_from_the_callers_list(segment) -> None:
    body = check_success(segment(labels=COLORS, top_k=3, min_area=500))
    for entry in body["labels"]:
        names = [score["label"] for score in entry["alternatives"]]
        assert set(names) == set(COLORS)
        scores = [score["confidence"] for score in entry["alternatives"]]
        assert scores == sorted(scores, reverse=True)
        if entry["label"] != "unknown":
            assert (entry["label"], entry["confidence"]) == (names[0], scores[0])
    assert {"red", "green"} <= {entry["label"] for entry in body["labels"]}


def test_top_k_is_clamped_and_repeated_labels_count_once(segment) -> None:
    body = check_success(segment(labels=["red", "green", "red"], top_k=50))
    assert all(len(entry["alternatives"]) == 2 for entry in body["labels"])


def test_what_fits_no_name_is_unknown(segment) -> None:
    body = check_success(segment(labels=["blue"], top_k=1))
    for entry in body["labels"]:
        assert entry["label"] == "unknown"
        assert entry["confidence"] > 0.5
        assert entry["alternatives"][0]["label"] == "blue"


def test_confidence_threshold_makes_unknown(segment) -> None:
    body = check_success(segment(labels=COLORS, confidence_threshold=1.0))
    assert {entry["label"] for entry in body["labels"]} == {"unknown"}


@pytest.mark.parametrize("view", ["crop", "context", "blur"])
def test_every_view_works(segment, view: str) -> None:
    body = check_success(segment(prompt_type="box", box=[0, 0, 20, 20], view=view, labels=COLORS))
    assert body["labels"][0]["label"] == "red"


def test_a_view_the_labeller_has_not_is_refused(client: FlaskClient, segment) -> None:
    answer = segment(prompt_type="box", box=[0, 0, 20, 20], view="attention", labels=COLORS)
    error = check_error(answer, 422, "invalid_request")
    assert "crop, context, blur" in error["message"]
    assert error["details"] == {"views": ["crop", "context", "blur"]}
    check_documented(client, answer, "post", "/segment")


def test_masks_only(segment) -> None:
    body = check_success(segment(classify=False))
    assert {(entry["label"], entry["confidence"]) for entry in body["labels"]} == {("unknown", 0.0)}
    assert all(entry["alternatives"] == [] for entry in body["labels"])
    assert "labeller" not in body["models"]


def test_no_overlay(segment) -> None:
    assert "segmented_image" not in check_success(segment(overlay=False))


def test_the_same_request_gives_the_same_bytes(segment) -> None:
    first, second = (check_success(segment(masks="rle", top_k=3)) for _ in range(2))
    first.pop("timings_ms")
    second.pop("timings_ms")
    assert first == second


def test_whole_floats_are_integers_and_edges_are_inside(segment) -> None:
    check_success(segment(points_per_side=4.0, top_k=1.0))
    check_success(segment(prompt_type="point", points=[{"x": WIDTH - 1e-9, "y": 0}]))


def test_the_image_is_encoded_once(build: Build, red_green) -> None:
    segmenter = DiscSegmenter()
    client = build(segmenter=segmenter).test_client()
    file_id = client.post("/upload", data=png_bytes(red_green)).get_json()["file_id"]
    for prompt in ({}, {"prompt_type": "point", "points": [{"x": 1, "y": 1}]}):
        check_success(client.post("/segment", json={"file_id": file_id, **prompt}))
    assert segmenter.encoded == 1


POINT = {"prompt_type": "point", "points": [{"x": 1, "y": 1}]}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"file_id": 7}, "file_id"),
        ({"file_id": None}, "file_id"),
        ({"prompt_type": "lasso"}, "prompt_type"),
        ({"points_per_side": "16"}, "points_per_side"),
        ({"points_per_side": 16.5}, "points_per_side"),
        ({"points_per_side": 0}, "points_per_side"),
        ({"points_per_side": 65}, "64"),
        ({"max_masks": 0}, "max_masks"),
        ({"max_masks": True}, "max_masks"),
        ({"quality_threshold": 1.5}, "quality_threshold"),
        ({"stability_threshold": "high"}, "stability_threshold"),
        ({"min_area": -1}, "min_area"),
        ({"min_area": 10**400}, "min_area"),
        ({"max_area": 0}, "max_area"),
        ({"max_area": "all"}, "max_area"),
        ({"min_area": 9, "max_area": 8}, "max_area"),
        ({"adaptive": "no"}, "adaptive"),
        ({"adaptive": None}, "adaptive"),
        ({"deduplication": "nms"}, "deduplication"),
        ({"deduplication": None}, "deduplication"),
        ({"clean": 0}, "clean"),
        ({"top_k": 0}, "top_k"),
        ({"confidence_threshold": 2}, "confidence_threshold"),
        ({"masks": "svg"}, "masks"),
        ({"overlay": "yes"}, "overlay"),
        ({"classify": 1}, "classify"),
        ({"view": "fisheye"}, "view"),
        ({"point_per_side": 8}, "point_per_side"),
        ({"labels": []}, "labels"),
        ({"labels": "cat"}, "labels"),
        ({"labels": [3]}, "labels"),
        ({"labels": [""]}, "labels"),
        ({"labels": ["  "]}, "labels"),
        ({"labels": ["x" * 201]}, "200"),
        ({"labels": [f"name {index}" for index in range(10_000)]}, "1000"),
        ({"labels": ["Unknown"]}, "unknown"),
        ({"labels": ["a\nb"]}, "U+000A"),
        ({"labels": ["\u200b"]}, "U+200B"),
        ({"labels": ["cat"], "vocabulary": "default"}, "both"),
        ({"vocabulary": 4}, "vocabulary"),
        ({"prompt_type": "point"}, "points"),
        ({"prompt_type": "point", "points": []}, "points"),
        ({"prompt_type": "point", "points": [{"x": 1}]}, "y"),
        ({"prompt_type": "point", "points": [{"x": "1", "y": 2}]}, "x"),
        ({"prompt_type": "point", "points": [[1, 2]]}, "points"),
        ({"prompt_type": "point", "points": [{"x": 1, "y": 1, "label": 2}]}, "label"),
        ({"prompt_type": "point", "points": [{"x": 1, "y": 1, "label": True}]}, "label"),
        ({"prompt_type": "point", "points": [{"x": 1, "y": 1, "label": 0}]}, "label 1"),
        ({"prompt_type": "point", "points": [{"x": 160, "y": 1}]}, "160"),
        ({"prompt_type": "point", "points": [{"x": -1, "y": 1}]}, "x=-1"),
        ({"prompt_type": "point", "points": [{"x": 1e999, "y": 1}]}, "finite"),
        ({"points": [{"x": 1, "y": 1}]}, "point"),
        ({"prompt_type": "box"}, "box"),
        ({"prompt_type": "box", "box": [1, 2, 3]}, "box"),
        ({"prompt_type": "box", "box": {"x0": 1}}, "box"),
        ({"prompt_type": "box", "box": [5, 5, 5, 9]}, "x0 < x1"),
        ({"prompt_type": "box", "box": [0, 0, 161, 9]}, "160"),
        ({"prompt_type": "grid", "box": [0, 0, 9, 9]}, "box"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(
    client: FlaskClient, file_id: str, body: dict[str, Any], words: str
) -> None:
    sent = json.dumps({"file_id": file_id, **body}).replace("Infinity", "1e999")
    answer = client.post("/segment", data=sent, content_type="application/json")
    error = check_error(answer, 422, "invalid_request")
    assert words in error["message"].replace(",", "") or words in error["message"]
    check_documented(client, answer, "post", "/segment")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  ", "empty"),
        (b"{", "JSON"),
        (b"[]", "got an array"),
        (b'"text"', "str"),
        (b"null", "got null"),
        (b"\xff\xfe", "JSON"),
        (b'{"file_id": NaN}', "NaN"),
        (b'{"points": [{"x": Infinity}]}', "Infinity"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(client: FlaskClient, data: bytes, words: str) -> None:
    answer = client.post("/segment", data=data, content_type="application/json")
    assert words in check_error(answer, 400, "malformed_request")["message"]
    check_documented(client, answer, "post", "/segment")


def test_a_form_and_a_huge_body_are_refused(client: FlaskClient) -> None:
    check_error(client.post("/segment", data={"file_id": (io.BytesIO(b"x"), "x")}), 400, "malformed_request")
    answer = client.post("/segment", data=b"1" * 1_900_000, content_type="application/json")
    check_error(answer, 400, "malformed_request")


def test_an_unknown_vocabulary_lists_the_known(segment) -> None:
    error = check_error(segment(vocabulary="klingon"), 422, "unknown_vocabulary")
    assert "default" in error["message"]


@pytest.mark.parametrize("file_id", ["0" * 32, "../../etc/passwd", "x"])
def test_an_unknown_file_id_is_not_found(client: FlaskClient, file_id: str) -> None:
    answer = client.post("/segment", json={"file_id": file_id})
    check_error(answer, 404, "not_found")
    check_documented(client, answer, "post", "/segment")


def test_without_a_labeller_masks_still_come(build: Build, red_green) -> None:
    client = build(labeller=RuntimeError("weights are gone")).test_client()
    file_id = client.post("/upload", data=png_bytes(red_green)).get_json()["file_id"]
    body = check_success(client.post("/segment", json={"file_id": file_id}))
    assert body["mask_count"] > 10
    assert {(entry["label"], entry["confidence"]) for entry in body["labels"]} == {("unknown", 0.0)}
    assert "weights are gone" in body["models"]["labeller"]["error"]
    error = check_error(client.get("/ready"), 503, "not_ready")
    assert "weights are gone" in error["message"]


def test_without_a_segmenter_the_reason_comes(build: Build, red_green) -> None:
    client = build(segmenter=RuntimeError("no such file")).test_client()
    file_id = client.post("/upload", data=png_bytes(red_green)).get_json()["file_id"]
    answer = client.post("/segment", json={"file_id": file_id})
    error = check_error(answer, 503, "model_unavailable")
    assert "no such file" in error["message"]
    assert int(answer.headers["Retry-After"]) >= 1


def _mask_url(mode: str = "L", size: tuple[int, int] = (WIDTH, HEIGHT), color: object = 255) -> str:
    """Return an image as a PNG data URL, black but for a rectangle."""
    image = Image.new(mode, size)
    image.paste(color, (30, 20, 60, 70))
    file = io.BytesIO()
    image.save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


SEVERAL = [
    {"points": [{"x": 40, "y": 60}]},
    {"box": [10, 10, 90, 80]},
    {"points": [{"x": 30, "y": 30}, {"x": 90, "y": 50, "label": 0}], "box": [5, 5, 100, 90]},
    {"points": [{"x": 40, "y": 60}]},
    {"mask": {"size": [96, 160], "counts": [20 * 96 + 30, 40, 56, 40, 96 * 160 - 20 * 96 - 166]}},
    {"mask": _mask_url(), "points": [{"x": 40, "y": 60}], "box": [5, 5, 100, 90]},
]


def _single(prompt: dict[str, object]) -> dict[str, object]:
    kind = "mask" if "mask" in prompt else "box" if "box" in prompt else "point"
    return {"prompt_type": kind, **prompt}


@pytest.mark.parametrize("path", ["/segment", "/analyze"])
@pytest.mark.parametrize("options", [{}, {"masks": "rle", "top_k": 2}, {"masks": "polygons", "clean": False}])
def test_several_prompts_equal_their_single_calls(
    client: FlaskClient, file_id: str, path: str, options: dict[str, object]
) -> None:
    shared = {"file_id": file_id, "overlay": False, "labels": ["red", "green"], **options}
    answer = client.post(path, json={**shared, "prompts": SEVERAL})
    body = check_success(answer)
    check_documented(client, answer, "post", path)
    assert body["mask_count"] == len(SEVERAL)
    for index, (prompt, entry) in enumerate(zip(SEVERAL, body["labels"], strict=True)):
        (alone,) = check_success(client.post(path, json={**shared, **_single(prompt)}))["labels"]
        assert (entry.pop("prompt_index"), entry.pop("mask_index")) == (index, index)
        same = {name: value for name, value in entry.items() if name not in ("depth", "parent")}
        assert same.items() <= alone.items()


def test_boxes_are_short_for_prompts(client: FlaskClient, file_id: str) -> None:
    shared = {"file_id": file_id, "masks": "rle", "cutouts": True}
    boxes = [[10, 10, 90, 80], [0, 0, 160, 96], [20.5, 30, 40, 50]]
    short = check_success(client.post("/segment", json={**shared, "boxes": boxes}))
    written = check_success(
        client.post("/segment", json={**shared, "prompts": [{"box": box} for box in boxes]})
    )
    assert short["labels"] == written["labels"]
    assert [entry["prompt_index"] for entry in short["labels"]] == [0, 1, 2]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"prompts": []}, "prompts"),
        ({"boxes": [[0, 0, 1, 1]] * 257}, "boxes"),
        ({"prompts": [{"box": [0, 0, 9, 9]}, {}]}, "prompts.1: expected `box`, `mask`, or `points`"),
        ({"prompts": [{"points": [{"x": 1, "y": 1, "label": 0}]}]}, "prompts.0: expected `box`"),
        ({"boxes": [[0, 0, 9, 9], [5, 5, 5, 9]]}, r"prompts.1.box: expected 0 <= x0 < x1"),
        ({"boxes": [[0, 0, 9, 9]], "prompts": [{"box": [0, 0, 9, 9]}]}, "`prompts` takes no `boxes`"),
        ({"boxes": [[0, 0, 9, 9]], "prompt_type": "box"}, "`boxes` takes no `prompt_type`"),
        ({"boxes": [[0, 0, 9, 9]], "box": [0, 0, 9, 9]}, "`boxes` takes no `box`"),
        ({"boxes": [[0, 0, 9, 9]], "mask": _mask_url()}, "`boxes` takes no `mask`"),
        ({"boxes": [[0, 0, 9, 9]], "max_masks": 2}, "`boxes` takes no `max_masks` above 1"),
        ({"boxes": [[0, 0, 9, 9]], "quality_threshold": 0.5}, "`boxes` takes no `quality_threshold`"),
        ({"boxes": [[0, 0, 9, 9]], "points_per_side": 8}, "`boxes` takes no `points_per_side`"),
    ],
)
def test_several_prompts_that_cannot_be_used_are_named(
    client: FlaskClient, file_id: str, members: dict[str, object], words: str
) -> None:
    answer = client.post("/segment", json={"file_id": file_id, **members})
    assert words in check_error(answer, 422, "invalid_request")["message"]


def _rle(mask: np.ndarray) -> dict[str, object]:
    code = coco.encode(np.asfortranarray(mask, np.uint8))
    return {"size": [*mask.shape], "counts": code["counts"].decode()}


def test_a_mask_means_the_same_in_every_form(client: FlaskClient, file_id: str) -> None:
    mask = np.zeros((HEIGHT, WIDTH), np.bool_)
    mask[20:70, 30:60] = True
    runs = np.diff(np.flatnonzero(np.diff(mask.T.ravel(), prepend=False, append=False)), prepend=0)
    listed = {"size": [HEIGHT, WIDTH], "counts": [*runs.tolist(), HEIGHT * WIDTH - int(runs.sum())]}
    urls = [
        _mask_url("L"),
        _mask_url("1", color=1),
        _mask_url("RGB", color="red"),
        _mask_url("I;16", color=1),
    ]
    urls += [_mask_url("RGBA", color=(0, 9, 0, 255)), _mask_url("L", color=1)]
    answers = []
    for sent in (_rle(mask), listed, *urls):
        answer = client.post(
            "/segment", json={"file_id": file_id, "prompt_type": "mask", "mask": sent, "masks": "rle"}
        )
        answers.append(check_success(answer)["labels"])
        check_documented(client, answer, "post", "/segment")
    assert len(answers[0]) == 1
    x, y, w, h = answers[0][0]["bbox"]
    assert abs(x + w / 2 - 45) < 3
    assert abs(y + h / 2 - 45) < 3
    assert all(labels == answers[0] for labels in answers)


def test_a_form_takes_a_mask(client: FlaskClient, red_green) -> None:
    sent = {"prompt_type": "mask", "overlay": "false"}
    entries = []
    for mask in (_mask_url(), json.dumps(_rle(np.asarray(_png(_mask_url())) > 0))):
        form = {"image": (io.BytesIO(png_bytes(red_green)), "a.png"), "mask": mask, **sent}
        entries.append(check_success(client.post("/segment", data=form))["labels"])
    assert entries[0] == entries[1]
    assert len(entries[0]) == 1


OTHER = {"size": [HEIGHT, WIDTH], "counts": "0"}


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        ("dog.png", "expected a PNG file as data:image/png;base64,"),
        ("data:image/png;base64,AAAA", "expected a PNG file"),
        (_mask_url()[:150], "that cannot be decoded"),
        (_mask_url(color=0), "not an empty one"),
        (_mask_url(size=(WIDTH, 80)), "expected the size of the upright image, [96, 160], got [80, 160]"),
        ({**OTHER, "size": [WIDTH, HEIGHT], "counts": [5, HEIGHT * WIDTH - 5]}, "got [160, 96]"),
        ({**OTHER, "counts": [HEIGHT * WIDTH]}, "not an empty one"),
        ({**OTHER, "counts": [5, 7]}, "with the sum 96 x 160, not 12"),
        ({**OTHER, "counts": []}, "at least 1 item"),
        ({**OTHER, "counts": [5, -7]}, "greater than or equal to 0"),
        ({**OTHER, "counts": ""}, "expected compressed run lengths"),
        ({**OTHER, "counts": "a b"}, "expected compressed run lengths"),
        ({**OTHER, "counts": "o"}, "expected compressed run lengths"),
        ({**OTHER, "counts": "\ud800"}, "expected compressed run lengths"),
        ({**OTHER, "counts": "ooooooooooo0"}, "run lengths of 32 bits"),
        ({**OTHER, "counts": "5O9"}, "expected run lengths from 0"),
        ({"size": [2**31 - 1] * 2, "counts": "0"}, "at most 2,147,483,647 pixels"),
        ({"size": [HEIGHT, WIDTH]}, "counts: Field required"),
        ({**OTHER, "score": 1}, "score: Extra inputs"),
        (5, "expected an object with `size` and `counts`, or a PNG data URL, got 5"),
    ],
)
def test_a_mask_that_cannot_be_used_is_named(
    client: FlaskClient, file_id: str, mask: object, words: str
) -> None:
    for members, place in (
        ({"prompt_type": "mask", "mask": mask}, "mask"),
        ({"prompts": [{"box": [0, 0, 9, 9]}, {"mask": mask}]}, "prompts.1.mask"),
    ):
        answer = client.post("/segment", json={"file_id": file_id, **members})
        message = check_error(answer, 422, "invalid_request")["message"]
        assert message.startswith(place)
        assert words in message


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"prompt_type": "mask"}, "expects `mask`"),
        ({"mask": _mask_url()}, "prompt_type `grid` takes no `mask`"),
        ({"prompt_type": "box", "mask": _mask_url()}, "prompt_type `box` expects `box`"),
    ],
)
def test_a_mask_goes_with_prompts_of_one_object(
    client: FlaskClient, file_id: str, members: dict[str, object], words: str
) -> None:
    answer = client.post("/segment", json={"file_id": file_id, **members})
    assert words in check_error(answer, 422, "invalid_request")["message"]


def test_crop_layers_search_again_in_crops(segment: Callable[..., TestResponse]) -> None:
    plain = check_success(segment(points_per_side=4, crop_layers=0, overlay=False))
    without = check_success(segment(points_per_side=4, overlay=False))
    assert plain["labels"] == without["labels"]
    body = check_success(segment(points_per_side=4, crop_layers=2, crop_points_downscale=2, overlay=False))
    assert body["mask_count"] == len(body["labels"]) > plain["mask_count"]
    for entry in body["labels"]:
        x, y, w, h = entry["bbox"]
        assert 0 <= x < x + w <= WIDTH
        assert 0 <= y < y + h <= HEIGHT
    assert {"encode", "decode", "refine"} <= set(body["timings_ms"])
    few = segment(points_per_side=4, crop_layers=1, crop_overlap=0, max_masks=3, overlay=False)
    assert check_success(few)["mask_count"] == 3


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"crop_layers": 3}, "crop_layers"),
        ({"crop_layers": -1}, "crop_layers"),
        ({"crop_layers": 1, "crop_overlap": 1.5}, "crop_overlap"),
        ({"crop_layers": 1, "crop_points_downscale": 0}, "crop_points_downscale"),
        ({"crop_overlap": 0.2}, "expected `crop_overlap` with `crop_layers` of at least 1"),
        ({"crop_points_downscale": 2}, "expected `crop_points_downscale` with `crop_layers` of at least 1"),
        (
            {"crop_layers": 1, "prompt_type": "point", "points": [{"x": 1, "y": 1}]},
            "expected `crop_layers` with a grid only, got it with prompt_type `point`",
        ),
        ({"crop_layers": 1, "boxes": [[0, 0, 9, 9]]}, "with a grid only, got it with `boxes`"),
        ({"crop_layers": 1, "prompts": [{"box": [0, 0, 9, 9]}]}, "with a grid only, got it with `prompts`"),
    ],
)
def test_crop_layers_that_cannot_be_used_are_named(
    segment: Callable[..., TestResponse], members: dict[str, object], words: str
) -> None:
    assert words in check_error(segment(**members), 422, "invalid_request")["message"]
