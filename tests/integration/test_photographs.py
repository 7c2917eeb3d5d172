"""What the service says of real photographs."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco

from config.settings import ROOT
from domain.arrays import Mask, Rgb
from tests.conftest import png_bytes
from tools.benchmarks.server import Server


def mask_of(entry: dict[str, Any]) -> Mask:
    height, width = entry["mask"]["size"]
    code = {"size": [height, width], "counts": entry["mask"]["counts"].encode()}
    return coco.decode(code).astype(np.bool_)


def overlay_of(answer: dict[str, Any]) -> Rgb:
    data = base64.b64decode(answer["segmented_image"].split(",", 1)[1])
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize(("name", "label"), [("chelsea", "cat"), ("coffee", "cup"), ("astronaut", "person")])
def test_the_main_thing_is_found_and_named(
    server: Server, file_ids: dict[str, str], name: str, label: str
) -> None:
    answer = server.segment(file_ids[name], masks="rle")
    named = [entry for entry in answer["labels"] if entry["label"] == label]
    assert named, [entry["label"] for entry in answer["labels"]]
    largest = max(entry["area"] for entry in named)
    assert largest > 0.05 * answer["width"] * answer["height"]


def test_the_grid_covers_the_picture_with_objects_and_parts(
    server: Server, file_ids: dict[str, str], photographs: dict[str, Rgb]
) -> None:
    for name, rgb in photographs.items():
        answer = server.segment(file_ids[name], masks="rle", classify=False)
        masks = [mask_of(entry) for entry in answer["labels"]]
        assert 10 <= len(masks) <= 64
        assert np.mean(np.any(masks, axis=0)) > 0.9
        shares = [mask.mean() for mask in masks]
        assert max(shares) > 0.15
        assert min(shares) < 0.02
        for entry, mask in zip(answer["labels"], masks, strict=True):
            assert mask.shape == rgb.shape[:2]
            assert entry["area"] == mask.sum()


def test_the_overlay_is_the_photograph_drawn_over(
    server: Server, file_ids: dict[str, str], photographs: dict[str, Rgb]
) -> None:
    overlay = overlay_of(server.segment(file_ids["chelsea"]))
    rgb = photographs["chelsea"]
    assert overlay.shape == rgb.shape
    assert (overlay != rgb).any(axis=2).mean() > 0.3
    correlation = np.corrcoef(overlay.mean(axis=2).ravel(), rgb.mean(axis=2).ravel())[0, 1]
    assert correlation > 0.3


def test_a_click_on_the_cat_selects_cat(server: Server, file_ids: dict[str, str]) -> None:
    points = [{"x": 230, "y": 130}]
    answer = server.segment(file_ids["chelsea"], prompt_type="point", points=points, max_masks=3, masks="rle")
    masks = [mask_of(entry) for entry in answer["labels"]]
    assert 1 <= len(masks) <= 3
    assert all(mask[130, 230] for mask in masks)
    assert "cat" in {entry["label"] for entry in answer["labels"]}


def test_a_negative_point_is_left_out(server: Server, file_ids: dict[str, str]) -> None:
    points = [{"x": 230, "y": 130}, {"x": 20, "y": 20, "label": 0}]
    answer = server.segment(file_ids["chelsea"], prompt_type="point", points=points, masks="rle")
    mask = mask_of(answer["labels"][0])
    assert mask[130, 230]
    assert not mask[20, 20]


def test_a_box_round_the_cup_selects_the_cup(server: Server, file_ids: dict[str, str]) -> None:
    x0, y0, x1, y1 = 180, 70, 420, 320
    answer = server.segment(file_ids["coffee"], prompt_type="box", box=[x0, y0, x1, y1], masks="rle")
    mask = mask_of(answer["labels"][0])
    inside = mask[y0:y1, x0:x1].sum()
    assert inside / mask.sum() > 0.85
    assert inside / ((x1 - x0) * (y1 - y0)) > 0.4


def test_a_tiny_box_gets_a_tiny_mask(server: Server, file_ids: dict[str, str]) -> None:
    answer = server.segment(file_ids["coffee"], prompt_type="box", box=[10, 10, 13, 13])
    assert 1 <= answer["labels"][0]["area"] <= 40


def test_the_callers_words_decide(server: Server, file_ids: dict[str, str]) -> None:
    box = {"prompt_type": "box", "box": [10, 10, 440, 290]}
    for words, expected in (
        (["kitten", "airplane"], "kitten"),
        (["dog", "teapot", "tabby cat"], "tabby cat"),
    ):
        answer = server.segment(file_ids["chelsea"], labels=words, **box)
        assert answer["labels"][0]["alternatives"][0]["label"] == expected


def test_the_answer_says_which_models_answered(server: Server, file_ids: dict[str, str]) -> None:
    models = server.segment(file_ids["coffee"], overlay=False)["models"]
    assert models["segmenter"]["name"] == "contour"
    assert len(models["segmenter"]["sha256"]) == len(models["labeller"]["sha256"]) == 64


def test_a_coarse_mask_of_the_cup_is_refined_and_stays(server: Server, file_ids: dict[str, str]) -> None:
    asked = {"masks": "rle", "classify": False, "overlay": False}
    box = {"prompt_type": "box", "box": [76, 16, 480, 388], **asked}
    (cup,) = server.segment(file_ids["coffee"], **box)["labels"]
    cells = (
        np.asarray(Image.fromarray(mask_of(cup)).convert("L").resize((24, 16), Image.Resampling.BOX)) > 127
    )
    coarse = np.asarray(Image.fromarray(cells).resize((600, 400), Image.Resampling.NEAREST))
    file = io.BytesIO()
    Image.fromarray(coarse).save(file, "PNG")
    sent: Any = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    ious = []
    for _ in range(3):
        (entry,) = server.segment(file_ids["coffee"], prompt_type="mask", mask=sent, **asked)["labels"]
        ious.append(iou(mask_of(entry), mask_of(cup)))
        sent = entry["mask"]
    assert iou(coarse, mask_of(cup)) < ious[0]
    assert min(ious) > 0.9
    assert abs(ious[2] - ious[1]) < 0.01
    mixed = [{"mask": sent}, {"box": box["box"]}, {"points": [{"x": 200, "y": 150}], "mask": sent}]
    several = server.segment(file_ids["coffee"], prompts=mixed, **asked)["labels"]
    for prompt, entry in zip(mixed, several, strict=True):
        kind = "mask" if "mask" in prompt else "box"
        (alone,) = server.segment(file_ids["coffee"], prompt_type=kind, **prompt, **asked)["labels"]
        assert alone["mask"] == entry["mask"]


def iou(one: Mask, other: Mask) -> float:
    return float((one & other).sum() / (one | other).sum())


def test_crop_layers_find_the_small_things_of_a_large_picture(
    server: Server, photographs: dict[str, Rgb]
) -> None:
    rocket = np.asarray(Image.open(ROOT / "examples" / "rocket.jpg").convert("RGB"))
    tiles = [np.asarray(Image.fromarray(rgb).resize((640, 480))) for rgb in (*photographs.values(), rocket)]
    montage = np.concatenate([np.concatenate(tiles[:2], axis=1), np.concatenate(tiles[2:], axis=1)])
    height, width = montage.shape[:2]
    file_id = server.upload(png_bytes(montage))
    plain, layered = (
        server.segment(file_id, masks="rle", classify=False, overlay=False, crop_layers=layers)
        for layers in (0, 1)
    )
    small = [
        [entry for entry in answer["labels"] if entry["area"] < 0.005 * width * height]
        for answer in (plain, layered)
    ]
    assert len(small[1]) > 2 * len(small[0])
    for entry in layered["labels"]:
        mask = mask_of(entry)
        x, y, w, h = entry["bbox"]
        assert mask.shape == (height, width)
        assert mask[y : y + h, x : x + w].sum() == mask.sum() == entry["area"] >= 0.0005 * width * height
    again = server.segment(file_id, masks="rle", classify=False, overlay=False, crop_layers=1)
    assert again["labels"] == layered["labels"]
