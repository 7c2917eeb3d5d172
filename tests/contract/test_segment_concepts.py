"""Concept prompts of POST /segment: phrases and examples."""

import io
import json
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from pycocotools import mask as coco
from werkzeug.test import TestResponse

from domain.arrays import Rgb
from services.images.data_url import image_data_url
from tests.conftest import Build, png_bytes
from tests.contract.shapes import check_documented, check_error, check_success
from tests.contract.test_jobs import submit, until

WIDTH, HEIGHT = 160, 96
RED_BOX = [10, 20, 60, 76]
GREEN_BOX = [100, 20, 150, 76]


@pytest.fixture
def segment(client: FlaskClient, file_id: str):
    def post(path: str = "/segment", **body: Any) -> TestResponse:
        return client.post(path, json={"file_id": file_id, **body})

    return post


def mask_url() -> str:
    """A mask on the red half as a PNG data URL."""
    mask = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    mask[30:60, 20:50] = 255
    return image_data_url(png_bytes(mask))


def upload(client: FlaskClient, rgb: Rgb) -> str:
    answer = client.post("/upload", data=png_bytes(rgb))
    return str(check_success(answer, 201)["file_id"])


def side_of(entry: dict[str, Any]) -> str:
    """The colour of the half of the picture that holds most of a region."""
    x, _, width, _ = entry["bbox"]
    return "red" if x + width / 2 < WIDTH / 2 else "green"


@pytest.mark.parametrize(
    "texts", [["red, something green"], ["red", "something green"], ['["red", "something green"]']]
)
def test_a_form_has_phrases_as_it_has_labels(client: FlaskClient, texts: list[str]) -> None:
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[:, : WIDTH // 2, 0] = picture[:, WIDTH // 2 :, 1] = 200
    image = (io.BytesIO(png_bytes(picture)), "a.png")
    answer = client.post("/segment", data={"image": image, "prompt_type": "text", "texts": texts})
    assert {entry["label"] for entry in check_success(answer)["labels"]} == {"red", "something green"}


def test_a_form_names_the_list_that_cannot_be_split(client: FlaskClient) -> None:
    image = (io.BytesIO(png_bytes(np.eye(9, dtype=np.uint8)[..., None].repeat(3, 2) * 200)), "a.png")
    answer = client.post("/segment", data={"image": image, "prompt_type": "text", "texts": ['"a cup']})
    assert check_error(answer, 422, "invalid_request")["message"].startswith(
        "texts: expected a closing quote"
    )


def test_each_phrase_gets_its_regions(client: FlaskClient, segment) -> None:
    answer = segment(prompt_type="text", texts=["something green", "red"], labels=["blue"])
    check_documented(client, answer, "post", "/segment")
    body = check_success(answer)
    assert body["mask_count"] == len(body["labels"]) > 2
    assert [entry["mask_index"] for entry in body["labels"]] == [*range(body["mask_count"])]
    order = [(entry["prompt_index"], -entry["confidence"]) for entry in body["labels"]]
    assert order == sorted(order)
    assert {entry["prompt_index"] for entry in body["labels"]} == {0, 1}
    for entry in body["labels"]:
        phrase, color = [("something green", "green"), ("red", "red")][entry["prompt_index"]]
        assert (entry["label"], side_of(entry)) == (phrase, color)
        assert 0.5 <= entry["confidence"] <= 1
        assert entry["alternatives"] == [{"label": phrase, "confidence": entry["confidence"]}]


def test_a_phrase_that_nothing_shows_has_no_regions(client: FlaskClient, segment) -> None:
    answer = segment(prompt_type="text", texts=["blue"], labels=["red", "green"])
    check_documented(client, answer, "post", "/segment")
    body = check_success(answer)
    assert (body["mask_count"], body["labels"]) == (0, [])
    assert body["segmented_image"].startswith("data:image/png")


def test_a_phrase_answers_the_same_alone(segment) -> None:
    options = {"prompt_type": "text", "labels": ["blue"], "masks": "rle", "overlay": False}
    together = check_success(segment(texts=["green", "red"], **options))["labels"]
    alone = check_success(segment(texts=["red"], **options))["labels"]
    of_red = [entry for entry in together if entry["prompt_index"] == 1]
    left_out = {"prompt_index", "mask_index"}
    assert [{**one, **dict.fromkeys(left_out)} for one in of_red] == [
        {**one, **dict.fromkeys(left_out)} for one in alone
    ]


def test_names_that_were_sent_twice_are_noted(segment) -> None:
    body = check_success(segment(prompt_type="text", texts=["red"], labels=["blue", "Blue"]))
    assert body["merged_labels"] == [{"label": "blue", "sent": ["Blue"]}]


@pytest.mark.parametrize("prompt", [
    {"prompt_type": "text", "texts": ["red"], "labels": ["blue"]},
    {"prompt_type": "example", "examples": [{"box": RED_BOX}]},
])  # fmt: skip
def test_the_options_of_a_grid_apply(segment, prompt: dict[str, Any]) -> None:
    every = check_success(segment(**prompt))["labels"]
    assert len(every) > 1
    best = check_success(segment(**prompt, max_masks=1))["labels"]
    assert [entry["confidence"] for entry in best] == [every[0]["confidence"]]
    few = check_success(segment(**prompt, points_per_side=2))["labels"]
    assert 0 < len(few) <= 12
    assert check_success(segment(**prompt, crop_layers=1, points_per_side=4))["mask_count"] > 0
    big = check_success(segment(**prompt, min_area=1000))["labels"]
    assert big
    # An example is answered whatever its size.
    assert all(entry["area"] >= 1000 for entry in big if entry["confidence"] < 1)


@pytest.mark.parametrize("prompt", [
    {"prompt_type": "text", "texts": ["red"], "labels": ["blue"]},
    {"prompt_type": "example", "examples": [{"box": RED_BOX}]},
])  # fmt: skip
def test_confidence_threshold_leaves_out_regions(segment, prompt: dict[str, Any]) -> None:
    every = check_success(segment(**prompt))["labels"]
    least = sorted(entry["confidence"] for entry in every)[-1]
    kept = check_success(segment(**prompt, confidence_threshold=least - 5e-5))["labels"]
    assert [entry["confidence"] for entry in kept] == [
        entry["confidence"] for entry in every if entry["confidence"] >= least - 5e-5
    ]


def test_an_example_finds_what_is_like_it(client: FlaskClient, segment) -> None:
    answer = segment(prompt_type="example", examples=[{"box": RED_BOX}], labels=["red", "green"], top_k=2)
    check_documented(client, answer, "post", "/segment")
    body = check_success(answer)
    first, *others = body["labels"]
    assert others
    assert first["confidence"] == 1.0
    assert {side_of(entry) for entry in body["labels"]} == {"red"}
    confidence = [entry["confidence"] for entry in body["labels"]]
    assert confidence == sorted(confidence, reverse=True)
    for entry in body["labels"]:
        assert "prompt_index" not in entry
        assert entry["label"] == "red"
        assert [one["label"] for one in entry["alternatives"]] == ["red", "green"]


def test_no_two_answers_are_one_instance(segment) -> None:
    body = check_success(segment(prompt_type="example", examples=[{"box": RED_BOX}], masks="rle"))
    codes = [entry["mask"] for entry in body["labels"]]
    iou = coco.iou(codes, codes, [0] * len(codes))
    assert (iou - np.eye(len(codes))).max() <= 0.5


def test_the_example_is_among_the_answers_as_its_mask(segment) -> None:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[30:60, 20:50] = 1
    code = coco.encode(np.asfortranarray(mask))
    sent = {"size": [HEIGHT, WIDTH], "counts": code["counts"].decode()}
    body = check_success(segment(prompt_type="example", examples=[{"mask": sent}], masks="rle"))
    entry = body["labels"][0]
    assert (entry["mask"], entry["confidence"]) == (sent, 1.0)
    assert (entry["bbox"], entry["area"]) == ([20, 30, 30, 30], 900)


def test_negative_examples_are_left_out(segment) -> None:
    examples = [{"box": RED_BOX}, {"box": GREEN_BOX}]
    both = check_success(segment(prompt_type="example", examples=examples))["labels"]
    assert {side_of(entry) for entry in both} == {"red", "green"}
    examples[1]["label"] = 0  # type: ignore[assignment]
    red = check_success(segment(prompt_type="example", examples=examples))["labels"]
    assert {side_of(entry) for entry in red} == {"red"}


def test_an_example_of_another_upload(client: FlaskClient, segment, red_green: Rgb) -> None:
    wide = np.zeros((64, 400, 3), np.uint8)
    wide[:, :300, 2], wide[:, 300:, 1] = 255, 255
    prompt = {"prompt_type": "example", "example_file_id": upload(client, wide), "labels": ["red", "green"]}
    green = check_success(segment(**prompt, examples=[{"box": [320, 4, 390, 60]}]))["labels"]
    assert green[0]["label"] == "green"
    assert all(sum(entry["bbox"][::2]) > WIDTH / 2 for entry in green)
    assert green[0]["confidence"] < 1
    blue = check_success(segment(**prompt, examples=[{"box": [10, 4, 200, 60]}]))
    assert blue["mask_count"] == 0
    outside = check_error(segment(**prompt, examples=[{"box": [0, 0, 10, 70]}]), 422, "invalid_request")
    assert "examples.0.box: expected 0 <= x0 < x1 <= 400 and 0 <= y0 < y1 <= 64" in outside["message"]
    same = {**prompt, "example_file_id": upload(client, red_green)}
    own = check_success(segment(**same, examples=[{"box": RED_BOX}]))["labels"]
    assert (
        own
        == check_success(segment(**{**same, "example_file_id": None}, examples=[{"box": RED_BOX}]))["labels"]
    )


def test_a_deleted_example_is_not_found(client: FlaskClient, segment) -> None:
    rgb = np.zeros((64, 64, 3), np.uint8)
    rgb[:, 32:, 1] = 255
    body = {
        "prompt_type": "example",
        "examples": [{"box": [32, 0, 64, 64]}],
        "example_file_id": upload(client, rgb),
    }
    check_success(segment(**body))
    check_success(client.delete(f"/upload/{body['example_file_id']}"))
    answer = segment(**body)
    check_error(answer, 404, "not_found")
    check_documented(client, answer, "post", "/segment")


@pytest.mark.parametrize("prompt", [
    {"prompt_type": "text", "texts": ["red", "green"], "labels": ["blue"]},
    {"prompt_type": "example", "examples": [{"mask": mask_url()}], "labels": ["red", "green"]},
    {"prompt_type": "example", "examples": [{"box": RED_BOX}], "labels": ["red", "green"]},
])  # fmt: skip
def test_analyze_documents_cutouts_and_jobs_take_concepts(
    client: FlaskClient, segment, prompt: dict[str, Any], file_id: str
) -> None:
    expected = check_success(segment(**prompt, masks="rle", cutouts=True))["labels"]
    assert all(entry["cutout"].startswith("data:image/png") for entry in expected)
    analyzed = segment("/analyze", **prompt, masks="rle", cutouts=True)
    check_documented(client, analyzed, "post", "/analyze")
    for entry, one in zip(check_success(analyzed)["labels"], expected, strict=True):
        assert one.items() <= entry.items()
    document = segment(**prompt, format="coco").get_json()
    names = {category["id"]: category["name"] for category in document["categories"]}
    assert set(names.values()) == {"red", "green", "unknown"}
    assert [names[one["category_id"]] for one in document["annotations"]] == [
        entry["label"] for entry in expected
    ]
    body = {"file_ids": [file_id], **prompt, "masks": "rle", "cutouts": True}
    job = until(client, submit(client, "/segment/batch", **body), "succeeded")
    (item,) = job["items"]
    assert item["result"]["labels"] == expected


def test_concepts_come_in_forms_too(client: FlaskClient, red_green: Rgb) -> None:
    fields = {"prompt_type": "example", "examples": json.dumps([{"box": RED_BOX}]), "store": "false"}
    sent = {"image": (io.BytesIO(png_bytes(red_green)), "a.png"), **fields}
    assert check_success(client.post("/segment", data=sent))["mask_count"] > 1


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"prompt_type": "text"}, "prompt_type `text` expects `texts`, got none"),
        ({"prompt_type": "text", "texts": []}, "texts"),
        ({"prompt_type": "text", "texts": ["a"] * 33}, "texts"),
        ({"prompt_type": "text", "texts": ["red", " Red"]}, "expects distinct phrases, got 'red' 2 times"),
        ({"prompt_type": "text", "texts": ["  "]}, "texts: expected texts of 1 to 200 characters"),
        ({"prompt_type": "text", "texts": ["unknown"]}, "texts: expected labels other than 'unknown'"),
        ({"prompt_type": "text", "texts": ["a\u0000b"]}, "texts:"),
        ({"prompt_type": "text", "texts": "red"}, "texts"),
        ({"prompt_type": "text", "texts": ["red"], "classify": False}, "takes no `classify` false"),
        ({"prompt_type": "text", "texts": ["red"], "view": "blur"}, "takes no `view`"),
        ({"prompt_type": "text", "texts": ["red"], "points": [{"x": 1, "y": 1}]}, "takes no `points`"),
        ({"texts": ["red"]}, "prompt_type `grid` takes no `texts`; did you mean prompt_type `text`?"),
        ({"examples": [{"box": RED_BOX}]}, "takes no `examples`; did you mean prompt_type `example`?"),
        ({"boxes": [RED_BOX], "texts": ["red"]}, "take no `texts`"),
        ({"prompt_type": "example"}, "expects `examples` with at least one of label 1, got none"),
        ({"prompt_type": "example", "examples": [{"box": RED_BOX, "label": 0}]}, "at least one of label 1"),
        ({"prompt_type": "example", "examples": [{}]}, "examples.0: expected either `box` or `mask`"),
        ({"prompt_type": "example", "examples": [{"box": RED_BOX, "label": 2}]}, "examples.0.label"),
        ({"prompt_type": "example", "examples": [{"box": [5, 5, 5, 9]}]}, "examples.0.box: expected 0"),
        ({"prompt_type": "example", "examples": [{"mask": {"size": [2, 2], "counts": [0, 4]}}]}, "0.mask"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(segment, members: dict[str, object], words: str) -> None:
    assert words in check_error(segment(**members), 422, "invalid_request")["message"]


def test_an_unknown_image_of_examples_is_not_found_in_a_batch(client: FlaskClient, file_id: str) -> None:
    body = {"prompt_type": "example", "examples": [{"box": RED_BOX}], "example_file_id": "0" * 32}
    check_error(client.post("/segment/batch", json={"file_ids": [file_id], **body}), 404, "not_found")


@pytest.mark.parametrize("prompt", [
    {"prompt_type": "text", "texts": ["red"]},
    {"prompt_type": "example", "examples": [{"box": RED_BOX}]},
])  # fmt: skip
def test_without_a_labeller_concepts_are_unavailable(build: Build, red_green: Rgb, prompt: Any) -> None:
    client = build(labeller=RuntimeError("weights are gone")).test_client()
    answer = client.post("/segment", json={"file_id": upload(client, red_green), **prompt})
    assert "weights are gone" in check_error(answer, 503, "model_unavailable")["message"]
