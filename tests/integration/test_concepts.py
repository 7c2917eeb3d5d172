"""Phrases and examples as prompts, on real photographs with the embedded models."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco
from skimage import data

from domain.arrays import Rgb
from tests.conftest import png_bytes
from tests.integration.test_command_line import run
from tools.benchmarks.server import Server

COIN = [24, 103, 67, 146]
EXAMPLE = ("--example", ",".join(map(str, COIN)))


@pytest.fixture(scope="session")
def coins() -> Rgb:
    """Two dozen coins on a dark ground, which the labeller has no label for."""
    return np.ascontiguousarray(np.repeat(data.coins()[..., None], 3, axis=2))


def is_coin(entry: dict[str, Any]) -> bool:
    """Whether a region has the size and the shape of a coin."""
    _, _, width, height = entry["bbox"]
    return 800 < entry["area"] < 4500 and 0.7 < width / height < 1.4


def test_a_phrase_finds_what_it_is_about(server: Server, file_ids: dict[str, str]) -> None:
    answer = server.segment(file_ids["coffee"], prompt_type="text", texts=["a zebra", "a cup"])
    assert answer["mask_count"] >= 1
    assert {(entry["label"], entry["prompt_index"]) for entry in answer["labels"]} == {("a cup", 1)}
    assert max(entry["area"] for entry in answer["labels"]) > 0.1 * answer["width"] * answer["height"]


def test_an_example_finds_the_others(server: Server, coins: Rgb) -> None:
    file_id = server.upload(png_bytes(coins))
    answer = server.segment(file_id, prompt_type="example", examples=[{"box": COIN}], masks="rle")
    own, *others = answer["labels"]
    assert own["confidence"] == 1.0
    assert is_coin(own)
    assert len(others) >= 6
    assert sum(map(is_coin, others)) >= 0.9 * len(others)
    codes = [entry["mask"] for entry in answer["labels"]]
    iou = coco.iou(codes, codes, [0] * len(codes))
    assert (iou - np.eye(len(codes))).max() < 0.1


def test_an_example_of_another_photograph(server: Server, coins: Rgb) -> None:
    mirrored = np.ascontiguousarray(coins[:, ::-1])
    prompt = {
        "prompt_type": "example",
        "example_file_id": server.upload(png_bytes(mirrored)),
        "examples": [{"box": [384 - COIN[2], COIN[1], 384 - COIN[0], COIN[3]]}],
    }
    answer = server.segment(server.upload(png_bytes(coins)), **prompt)
    assert answer["mask_count"] >= 3
    assert sum(map(is_coin, answer["labels"])) >= 0.9 * answer["mask_count"]


def test_a_photograph_without_the_like_has_no_answers(
    server: Server, coins: Rgb, file_ids: dict[str, str]
) -> None:
    shown = server.upload(png_bytes(coins))
    prompt = {"prompt_type": "example", "example_file_id": shown, "examples": [{"box": COIN}]}
    assert server.segment(file_ids["chelsea"], **prompt)["mask_count"] == 0


def test_the_command_line_takes_phrases_and_examples(tmp_path: Path, coins: Rgb) -> None:
    photo, other = tmp_path / "coins.png", tmp_path / "mirrored.png"
    photo.write_bytes(png_bytes(coins))
    Image.open(io.BytesIO(png_bytes(coins))).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(other)
    own = run("segment", photo, *EXAMPLE)
    assert own.returncode == 0, own.stderr
    assert "100.0%" in own.stdout
    box = f"{384 - COIN[2]},{COIN[1]},{384 - COIN[0]},{COIN[3]}"
    shown = run("segment", photo, "--example", box, "--example-photo", other)
    assert shown.returncode == 0, shown.stderr
    assert "100.0%" not in shown.stdout
    assert run("segment", photo, *EXAMPLE, "--example-photo", photo).stdout == own.stdout
    refused = run("segment", photo, "--phrase", "a coin", "--example-photo", other)
    assert refused.returncode == 2
    assert "--example-photo: expected it with --example" in refused.stderr
    zebra = run("segment", photo, "--phrase", "a zebra")
    assert "0 regions" in zebra.stdout
