"""Files of the export dialog: pictures as shown, documents of the service; and the commands it shows."""

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
from tests.browser.driver import EXAMPLES, Driver

WIDTH, HEIGHT = 600, 400
NAMES = {
    "coco": "photo-coco.json",
    "coco_panoptic": "photo-coco-panoptic.json",
    "yolo": "photo.txt",
    "labelme": "photo.json",
    "geojson": "photo.geojson",
    "voc": "photo.xml",
    "sam": "photo-sam.json",
    "label_studio": "photo-label-studio.json",
}


@pytest.fixture
def described(page: Driver) -> Driver:
    """The coffee, with one region renamed, one deleted, one hidden and one clicked."""
    page.described()
    page.rows.first.locator(".main").click()
    page.page.get_by_role("button", name="Relabel").click()
    page.page.get_by_label("Label of the region").fill('Anna\'s "cup"')
    page.page.keyboard.press("Enter")
    page.rows.nth(2).locator(".main").click()
    page.page.get_by_role("button", name="Delete").click()
    page.rows.nth(3).hover()
    page.rows.nth(3).locator(".eye").click()
    page.mode("point")
    page.click(365, 280)
    page.page.click("#prompt-keep")
    page.mode("everything")
    expect(page.page.locator("#region-list .name", has_text="region")).to_have_count(0)
    return page


def decoded(rle: dict[str, Any]) -> Mask:
    """Bool [H, W]."""
    return np.asarray(coco_mask.decode(rle), np.bool_)


def on_screen(page: Driver) -> list[tuple[str, Mask]]:
    """Name and mask of the regions on the picture, large ones first."""
    return [(region["name"], decoded(region["rle"])) for region in page.masks()]


@pytest.mark.parametrize("form", NAMES)
def test_documents_are_those_of_the_service_with_the_name_of_the_photograph(page: Driver, form: str) -> None:
    page.described()
    saved = page.export(form)
    assert saved.suggested_filename == NAMES[form]
    body = {"file_id": page.state("state.photo.fileId"), "format": form}
    answer = page.page.request.post(f"{page.url}/segment", data=body)
    expected = (
        answer.text().replace(f"{body['file_id']}.png", "photo.png").replace(body["file_id"], "photo.jpg")
    )
    assert Path(saved.path()).read_text() == expected
    assert body["file_id"] not in expected


def test_annotations_are_the_regions_on_the_screen(described: Driver) -> None:
    dataset = COCO(described.export("shown").path())
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


def test_coco_of_the_service_holds_the_same_masks(page: Driver) -> None:
    page.described()
    dataset = COCO(page.export("coco").path())
    found = {
        (dataset.cats[one["category_id"]]["name"], one["segmentation"]["counts"])
        for one in dataset.anns.values()
    }
    assert found == {(region["name"], region["rle"]["counts"]) for region in page.masks()}


def test_json_holds_all_alternatives(page: Driver) -> None:
    page.described()
    saved = page.export("json")
    assert saved.suggested_filename == "photo-regions.json"
    answer = json.loads(Path(saved.path()).read_text())
    assert len(answer["labels"]) == page.rows.count()
    assert {len(entry["alternatives"]) for entry in answer["labels"]} == {5}


def test_a_name_is_written_as_the_format_wants_it(page: Driver, tmp_path: Path) -> None:
    odd = tmp_path / 'a "b" & <c>.jpg'
    odd.write_bytes((EXAMPLES / "cat.jpg").read_bytes())
    page.page.set_input_files("#file", odd)
    page.settled()
    assert json.loads(Path(page.export("labelme").path()).read_text())["imagePath"] == odd.name
    text = Path(page.export("voc").path()).read_text()
    assert '<filename>a "b" &amp; &lt;c&gt;.jpg</filename>' in text


def test_cutouts_are_the_regions(page: Driver) -> None:
    page.described()
    archive = zipfile.ZipFile(page.export("cutouts").path())
    assert archive.testzip() is None
    names = archive.namelist()
    areas = []
    for number, name in enumerate(names, 1):
        assert name.startswith(f"photo-{number}-")
        alpha = np.asarray(Image.open(io.BytesIO(archive.read(name))))[..., 3]
        areas.append(int((alpha > 0).sum()))
    assert sorted(areas, reverse=True) == [mask.sum() for _, mask in on_screen(page)]


def test_what_is_painted_is_the_mask(described: Driver, tmp_path: Path) -> None:
    page = described.page
    page.uncheck("#show-names")
    described.rows.first.hover()
    described.rows.first.locator(".solo").click()
    described.hover(1, 399)
    page.locator("#vocabulary-name").focus()
    page.keyboard.press("Escape")
    page.mouse.move(5, 5)
    painted = tmp_path / "painted.png"
    [(_, mask)] = on_screen(described)
    described.export("overlay").save_as(painted)
    pixels = np.asarray(Image.open(painted).convert("RGB"), np.int16)
    page.get_by_role("button", name="Close").click()
    page.uncheck("#show-fills")
    described.export("overlay").save_as(painted)
    plain = np.asarray(Image.open(painted).convert("RGB"), np.int16)
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    changed = np.abs(pixels - plain).max(-1) > 2
    edge = cv2.dilate(mask.view(np.uint8), np.ones((7, 7))) != cv2.erode(mask.view(np.uint8), np.ones((7, 7)))
    assert np.array_equal(changed[~edge], mask[~edge])


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
    Image.open(EXAMPLES / "photo.jpg").resize((2400, 1600)).save(large)
    page.page.set_input_files("#file", large)
    page.settled()
    overlay = Image.open(io.BytesIO(Path(page.export("overlay").path()).read_bytes()))
    assert overlay.size == (2400, 1600)
