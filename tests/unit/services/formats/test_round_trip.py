"""Every format gives every mask back, or loses exactly what it says."""

import json
from pathlib import Path

import numpy as np
import pytest

from domain.arrays import Mask
from services.formats.annotations import ImageAnnotations
from services.formats.table import FORMAT_NAMES, FORMATS, FormatName
from tests.unit.services.formats.readers import READERS, Read
from tests.unit.services.formats.shapes import CATEGORIES, NAMES, SHAPES, annotations_of, disjoint, region_of


def read_back(form: FormatName, image: ImageAnnotations, folder: Path) -> Read:
    (folder / "size.json").write_text(json.dumps([image.width, image.height]))
    return READERS[form](FORMATS[form].document(image, CATEGORIES), folder)


def box_of(mask: Mask) -> Mask:
    x, y, width, height = region_of(mask).xywh
    box = np.zeros_like(mask)
    box[y : y + height, x : x + width] = True
    return box


def test_every_format_has_a_reader() -> None:
    assert set(FORMATS) == set(FORMAT_NAMES) == set(READERS)


@pytest.mark.parametrize("form", FORMAT_NAMES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_mask_is_read_back(shape: str, form: FormatName, tmp_path: Path) -> None:
    mask = SHAPES[shape]
    expected = box_of(mask) if form == "voc" else mask  # VOC has boxes only.
    ((label, read),) = read_back(form, annotations_of([mask]), tmp_path)
    assert label == NAMES[0]
    np.testing.assert_array_equal(read, expected)


@pytest.mark.parametrize("form", FORMAT_NAMES)
def test_labels_of_any_characters_and_the_order_of_regions_are_kept(form: FormatName, tmp_path: Path) -> None:
    masks = [SHAPES[shape] for shape in ("pixel", "disc", "hole", "nested", "parts")]
    masks = disjoint(masks) if form == "coco_panoptic" else masks
    read = read_back(form, annotations_of(masks), tmp_path)
    assert [label for label, _ in read] == list(NAMES)
    expected = [box_of(mask) for mask in masks] if form == "voc" else masks
    for (_, mask), wanted in zip(read, expected, strict=True):
        np.testing.assert_array_equal(mask, wanted)


@pytest.mark.parametrize("form", FORMAT_NAMES)
def test_an_image_without_regions_has_a_document(form: FormatName, tmp_path: Path) -> None:
    assert read_back(form, annotations_of([]), tmp_path) == []


@pytest.mark.parametrize("form", ["coco", "geojson", "labelme", "label_studio", "sam", "yolo"])
def test_random_masks_are_read_back(form: FormatName, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    sizes = rng.integers(1, 14, (60, 2))
    masks = [rng.random((height, width)) < rng.random() for height, width in sizes]
    for mask in filter(np.any, masks):
        ((_, read),) = read_back(form, annotations_of([mask]), tmp_path)
        np.testing.assert_array_equal(read, mask)
