"""Whole objects of real photographs, from the service and from the command line."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco

from domain.arrays import Rgb
from tests.integration.test_command_line import run
from tools.benchmarks.server import Server

LABELS = ["cat", "cup", "spoon", "saucer", "person", "flag", "helmet", "table", "wall"]


def ids_of(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png))).astype(int) @ [1, 256, 65536]


def panoptic(server: Server, file_id: str, **members: Any) -> tuple[dict[str, Any], np.ndarray]:
    """The answer, and its map."""
    answer = server.segment(file_id, output="panoptic", masks="rle", **members)
    return answer, ids_of(base64.b64decode(answer["segmentation"].partition(",")[2]))


@pytest.mark.parametrize("labels", [None, LABELS])
@pytest.mark.parametrize("name", ["chelsea", "coffee", "astronaut"])
def test_segments_never_overlap_and_their_ids_agree_with_labels(
    server: Server, file_ids: dict[str, str], name: str, labels: list[str] | None
) -> None:
    answer, ids = panoptic(server, file_ids[name], **({"labels": labels} if labels else {}))
    masks = [coco.decode(entry["mask"]).astype(np.bool_) for entry in answer["labels"]]
    assert ids.shape == (answer["height"], answer["width"])
    assert np.sum(masks, axis=0).max() == 1
    np.testing.assert_array_equal(np.any(masks, axis=0), ids != 0)
    for index, (entry, mask) in enumerate(zip(answer["labels"], masks, strict=True)):
        assert entry["mask_index"] == index
        np.testing.assert_array_equal(mask, ids == index + 1)
        assert entry["area"] == mask.sum()
        assert entry["bbox"] == coco.toBbox(entry["mask"]).tolist()
        assert entry["label"] != "unknown"
    stuff = [entry["label"] for entry in answer["labels"] if not entry["is_thing"]]
    assert len(stuff) == len(set(stuff))


def test_a_cup_in_parts_becomes_one_cup(server: Server, file_ids: dict[str, str]) -> None:
    regions = server.segment(file_ids["coffee"], labels=LABELS)["labels"]
    parts = [entry for entry in regions if entry["label"] == "cup"]
    answer, ids = panoptic(server, file_ids["coffee"], labels=LABELS)
    cups = [entry for entry in answer["labels"] if entry["label"] == "cup"]
    assert len(cups) < len(parts)
    largest = max(cups, key=lambda entry: entry["area"])["mask_index"] + 1
    for x, y in ((290, 150), (200, 60), (230, 270), (390, 190)):  # The coffee, the rim, the handle, the side.
        assert ids[y, x] == largest


def test_the_data_set_has_the_segments_of_the_service(
    server: Server, file_ids: dict[str, str], photographs: dict[str, Rgb], tmp_path: Path
) -> None:
    for name in ("chelsea", "coffee"):
        Image.fromarray(photographs[name]).save(tmp_path / f"{name}.png")
    labels = ("--labels", ",".join(LABELS))
    done = run("segment", tmp_path, "--export", "coco_panoptic", "--out", tmp_path / "set", *labels)
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "set" / "panoptic.json").read_text())
    names = {category["id"]: category["name"] for category in document["categories"]}
    for annotation in document["annotations"]:
        answer, expected = panoptic(server, file_ids[Path(annotation["file_name"]).stem], labels=LABELS)
        ids = ids_of((tmp_path / "set" / "panoptic" / annotation["file_name"]).read_bytes())
        np.testing.assert_array_equal(ids, expected)
        assert [
            (one["id"], names[one["category_id"]], one["area"], one["bbox"])
            for one in annotation["segments_info"]
        ] == [
            (index, entry["label"], entry["area"], entry["bbox"])
            for index, entry in enumerate(answer["labels"], 1)
        ]
