"""Files that the page makes, read by what reads such files; and the commands it shows."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from domain.arrays import Mask
from tests.browser.driver import Driver

WIDTH, HEIGHT = 600, 400


@pytest.fixture
def described(page: Driver) -> Driver:
    """The coffee, with one region renamed, one deleted, one hidden and one clicked."""
    page.described()
    page.rows.first.locator(".main").click()
    page.page.get_by_role("button", name="Rename").click()
    page.page.get_by_label("Name of the region").fill('Anna\'s "cup"')
    page.page.keyboard.press("Enter")
    page.rows.nth(2).locator(".main").click()
    page.page.get_by_role("button", name="Delete").click()
    page.rows.nth(3).hover()
    page.rows.nth(3).locator(".eye").click()
    page.tool("point")
    page.click(365, 280)
    page.page.click("#prompt-keep")
    page.tool("look")
    expect(page.page.locator("#region-list .name", has_text="region")).to_have_count(0)
    return page


def decoded(rle: dict[str, Any]) -> Mask:
    """Bool [H, W]."""
    return np.asarray(coco_mask.decode(rle), np.bool_)


def on_screen(page: Driver) -> list[tuple[str, Mask]]:
    """Name and mask of the regions on the picture, large ones first."""
    return [(region["name"], decoded(region["rle"])) for region in page.masks()]


def test_coco_holds_the_masks_on_the_screen(described: Driver) -> None:
    dataset = COCO(described.export("coco").path())
    image = dataset.imgs[1]
    assert (image["file_name"], image["width"], image["height"]) == ("photo.jpg", WIDTH, HEIGHT)
    shown = on_screen(described)
    found = [
        (dataset.cats[one["category_id"]]["name"], dataset.annToMask(one).astype(np.bool_), one)
        for one in dataset.anns.values()
    ]
    assert [name for name, _, _ in found] == [name for name, _ in shown]
    assert 'Anna\'s "cup"' in dict(shown)
    for (_, mask, annotation), (_, seen) in zip(found, shown, strict=True):
        assert np.array_equal(mask, seen)
        assert annotation["area"] == mask.sum()
        x, y, width, height = annotation["bbox"]
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        assert [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1] == [x, y, x + width, y + height]


def test_what_is_painted_is_what_coco_says(described: Driver, tmp_path: Path) -> None:
    page = described.page
    page.uncheck("#show-names")
    described.rows.first.hover()
    described.rows.first.locator(".solo").click()
    described.hover(1, 399)
    page.locator("#vocabulary-name").focus()
    page.keyboard.press("Escape")
    page.mouse.move(5, 5)
    painted = tmp_path / "painted.png"
    [annotation] = json.loads(Path(described.export("coco").path()).read_text())["annotations"]
    described.export("overlay").save_as(painted)
    pixels = np.asarray(Image.open(painted).convert("RGB"), np.int16)
    page.get_by_role("button", name="Close").click()
    page.uncheck("#show-fills")
    described.export("overlay").save_as(painted)
    plain = np.asarray(Image.open(painted).convert("RGB"), np.int16)
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    changed = np.abs(pixels - plain).max(-1) > 2
    mask = decoded(annotation["segmentation"])
    edge = cv2.dilate(mask.view(np.uint8), np.ones((7, 7))) != cv2.erode(mask.view(np.uint8), np.ones((7, 7)))
    assert np.array_equal(changed[~edge], mask[~edge])


def test_yolo_polygons_fill_to_the_masks(described: Driver) -> None:
    archive = zipfile.ZipFile(described.export("yolo").path())
    assert archive.testzip() is None
    assert sorted(archive.namelist()) == ["data.yaml", "labels/photo.txt"]
    names = [line.split(": ", 1)[1] for line in archive.read("data.yaml").decode().splitlines()[4:]]
    lines = archive.read("labels/photo.txt").decode().splitlines()
    for line, (name, mask) in zip(lines, on_screen(described), strict=True):
        number, *shares = line.split()
        assert json.loads(names[int(number)]) == name
        corners = np.array(shares, float).reshape(-1, 2) * (WIDTH, HEIGHT)
        # fillPoly draws the pixels on the ring too: it is asked finer, at the middle of each pixel.
        fine = np.zeros((HEIGHT * 4, WIDTH * 4), np.uint8)
        cv2.fillPoly(fine, [np.rint(corners * 4).astype(np.int32)], 1)
        assert np.array_equal(fine[2::4, 2::4].astype(np.bool_), mask)


def test_label_studio_strokes_decode_to_the_masks(described: Driver) -> None:
    [task] = json.loads(Path(described.export("labelstudio").path()).read_text())
    assert task["data"]["image"] == "photo.jpg"
    strokes = task["predictions"][0]["result"]
    for stroke, (name, mask) in zip(strokes, on_screen(described), strict=True):
        assert stroke["value"]["brushlabels"] == [name]
        pixels = brush(stroke["value"]["rle"]).reshape(HEIGHT, WIDTH, 4)
        assert np.array_equal(pixels[..., 3] == 255, mask)


def brush(code: list[int]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The bytes in Label Studio's code (as its converter reads it)."""
    bits = "".join(f"{byte:08b}" for byte in code)
    at = 0

    def read(size: int) -> int:
        nonlocal at
        at += size
        return int(bits[at - size : at], 2)

    total, word, sizes = read(32), read(5) + 1, [read(4) + 1 for _ in range(4)]
    runs: list[bytes] = []
    done = 0
    while done < total:
        repeated, length = read(1), read(sizes[read(2)]) + 1
        done += length
        runs.append(bytes([read(word)] * length) if repeated else bytes(read(word) for _ in range(length)))
    return np.frombuffer(b"".join(runs), np.uint8)


def test_the_index_has_the_number_of_the_smallest_region(described: Driver) -> None:
    index = Image.open(described.export("index").path())
    assert index.mode == "P"
    expected = np.zeros((HEIGHT, WIDTH), np.uint8)
    for number, (_, mask) in enumerate(on_screen(described), 1):
        expected[mask] = number
    assert np.array_equal(np.asarray(index), expected)


def test_the_commands_give_what_is_on_the_screen(described: Driver) -> None:
    described.page.click("#take")
    command = described.page.locator("#curl").inner_text()
    said = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout
    answers = [json.loads(part) for part in said.replace("}{", "}\n{").splitlines()]
    rles = [entry["mask"] for answer in answers for entry in answer["labels"]]
    for region in described.masks():
        assert region["rle"] in rles
    snippet = described.page.locator("#python").inner_text()
    printed = subprocess.run(
        [sys.executable, "-c", snippet], capture_output=True, text=True, check=True
    ).stdout
    assert len(printed.splitlines()) == len(rles)


def test_large_photographs_keep_their_size(page: Driver, tmp_path: Path) -> None:
    large = tmp_path / "large.jpg"
    Image.open(Path("examples/photo.jpg")).resize((2400, 1600)).save(large)
    page.page.set_input_files("#file", large)
    page.settled()
    overlay = Image.open(io.BytesIO(Path(page.export("overlay").path()).read_bytes()))
    assert overlay.size == (2400, 1600)
