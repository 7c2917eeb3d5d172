"""The whole scene: depth order, text on things, what lies in what; and nothing is done twice."""

from typing import Any

import numpy as np
import pytest
import requests
from PIL import Image, ImageDraw, ImageFont

from domain.arrays import Mask, Rgb
from services.overlay.tags import BUNDLED_FONT
from tests.conftest import png_bytes
from tests.integration.test_photographs import mask_of
from tests.unit.models.depth_lite.rendered import Ball, rendered
from tools.benchmarks.server import PATIENCE_S, Server


def analyze(server: Server, file_id: str) -> dict[str, Any]:
    return server.post("analyze", file_id=file_id, masks="rle")


def iou(one: Mask, other: Mask) -> float:
    return float((one & other).sum() / (one | other).sum())


def test_balls_on_a_floor_stand_in_their_order(server: Server) -> None:
    near, far = Ball(-0.35, 1.1, 0.22, (200, 50, 40)), Ball(0.5, 2.2, 0.3, (60, 80, 200))
    rgb, _ = rendered([near, far])
    empty = rendered([])[1]
    masks = [rendered([ball])[1] > empty + 1e-3 for ball in (near, far)]
    scene = analyze(server, server.upload(png_bytes(rgb)))
    found = [max(scene["labels"], key=lambda entry: iou(mask_of(entry), mask)) for mask in masks]
    assert all(iou(mask_of(entry), mask) > 0.7 for entry, mask in zip(found, masks, strict=True))
    first, second = (entry["depth"] for entry in found)
    assert first["rank"] < second["rank"]
    assert first["median"] > second["median"]
    walls = [entry for entry in scene["labels"] if entry["bbox"][1] == 0 and entry["area"] > 5000]
    assert walls
    assert all(entry["depth"]["rank"] > first["rank"] for entry in walls)
    assert found[0]["colors"][0]["hex"] > "#800000" > found[1]["colors"][0]["hex"]


@pytest.fixture(scope="module")
def signed(photographs: dict[str, Rgb]) -> Rgb:
    """The coffee photograph with a white sign in its upper right corner."""
    image = Image.fromarray(photographs["coffee"])
    pen = ImageDraw.Draw(image)
    pen.rectangle((430, 30, 580, 110), "white", "black", 3)
    for row, word in enumerate(("FRESH", "COFFEE")):
        pen.text((445, 38 + 34 * row), word, "black", ImageFont.truetype(str(BUNDLED_FONT), 28))
    return np.asarray(image)


def test_text_is_told_of_the_thing_that_bears_it(server: Server, signed: Rgb) -> None:
    scene = analyze(server, server.upload(png_bytes(signed)))
    assert scene["text"].split() == ["FRESH", "COFFEE"]
    sign = np.zeros(signed.shape[:2], np.bool_)
    sign[30:111, 430:581] = True
    bearing = max(scene["labels"], key=lambda entry: iou(mask_of(entry), sign))
    assert iou(mask_of(bearing), sign) > 0.7
    assert bearing["text"] == "FRESH\nCOFFEE"
    assert [scene["lines"][index]["text"] for index in bearing["text_lines"]] == ["FRESH", "COFFEE"]
    assert bearing["colors"][0]["hex"] == "#ffffff"
    cups = [entry for entry in scene["labels"] if entry["label"] == "cup"]
    assert cups
    assert all(entry["text"] == "" for entry in cups)


def test_regions_lie_in_their_parents(server: Server, file_ids: dict[str, str]) -> None:
    scene = analyze(server, file_ids["coffee"])
    masks = [mask_of(entry) for entry in scene["labels"]]
    children = [entry for entry in scene["labels"] if entry["parent"] is not None]
    assert len(children) > 3
    for entry in children:
        inside = masks[entry["mask_index"]] & masks[entry["parent"]]
        assert inside.sum() >= 0.9 * entry["area"]
    cup = max((one for one in scene["labels"] if one["label"] == "cup"), key=lambda one: one["area"])
    assert any(entry["parent"] == cup["mask_index"] for entry in children)


@pytest.mark.parametrize(("name", "label"), [("chelsea", "cat"), ("coffee", "cup"), ("astronaut", "person")])
def test_the_whole_photograph_has_names_too(
    server: Server, file_ids: dict[str, str], name: str, label: str
) -> None:
    scores = analyze(server, file_ids[name])["image_labels"]
    assert len(scores) == 5
    assert label in [score["label"] for score in scores[:3]]
    assert [score["confidence"] for score in scores] == sorted(
        (score["confidence"] for score in scores), reverse=True
    )


def test_what_was_analyzed_is_not_computed_again(server: Server, photographs: dict[str, Rgb]) -> None:
    rgb = photographs["coffee"][:, ::-1]
    file_id = server.upload(png_bytes(np.ascontiguousarray(rgb)))
    scene = analyze(server, file_id)
    segments = server.segment(file_id, masks="rle")
    assert segments["segmented_image"] == scene["segmented_image"]
    assert [entry["label"] for entry in segments["labels"]] == [entry["label"] for entry in scene["labels"]]
    text = requests.get(f"{server.url}/extract_text/{file_id}", timeout=PATIENCE_S).json()
    assert text["text"] == scene["text"]
    again = analyze(server, file_id)
    for answer in (segments, text, again):
        assert not {"encode", "decode", "refine", "detect", "read"} & set(answer["timings_ms"])
    renamed = server.segment(file_id, labels=["teapot", "coffee"])
    assert {entry["label"] for entry in renamed["labels"]} <= {"teapot", "coffee", "unknown"}
    assert "encode" not in renamed["timings_ms"]
