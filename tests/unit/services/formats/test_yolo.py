"""Rows and data.yaml as Ultralytics reads them, and what its painting loses."""

from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest
import yaml

from domain.arrays import Mask
from services.formats.annotations import Categories, ImageAnnotations
from services.formats.seams import joined_ring
from services.formats.yolo import yolo_rows, yolo_yaml
from services.masks.formats import mask_polygons
from tests.unit.services.formats.filling import fill_poly
from tests.unit.services.formats.shapes import CATEGORIES, NAMES, SHAPES, annotations_of


def load_rows(text: str, classes: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Read label rows by the rules of Ultralytics' loader 8.4.190 (verify_image_label of data/utils.py)."""
    rows = [line.split() for line in text.strip().splitlines() if line]
    segments = [np.array(row[1:], dtype=np.float32).reshape(-1, 2) for row in rows]
    boxes = [[*segment.min(axis=0), *segment.max(axis=0)] for segment in segments]
    labels = np.array([[row[0], *box] for row, box in zip(rows, boxes, strict=True)], np.float32)
    assert all(len(row) > 6 for row in rows)
    assert labels.shape == (len(rows), 5)
    assert labels[:, 1:].max() <= 1
    assert labels.min() >= 0
    assert labels[:, 0].max() < classes
    distinct = [row for row, line in enumerate(rows) if rows.index(line) == row]
    return labels[distinct], [segments[row] for row in distinct]


def image_of(*names: str) -> ImageAnnotations:
    return annotations_of([SHAPES[name] for name in names])


def test_the_rows_pass_the_checks_of_the_loader() -> None:
    image = image_of("hole", "nested", "pixel", "everything", "noise")
    labels, segments = load_rows(yolo_rows(image, CATEGORIES), len(NAMES))
    assert labels[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert all(len(segment) >= 3 for segment in segments)


def test_the_loader_drops_equal_regions_of_one_label() -> None:
    image = image_of("disc", "hole")
    same = replace(image, annotations=(image.annotations[1],) * 2)
    labels, _ = load_rows(yolo_rows(same, CATEGORIES), len(NAMES))
    assert len(labels) == 1


@pytest.mark.parametrize("side", [1, 2, 3, 7, 49, 625, 4096, 9999, 30_000, 65_535])
def test_coordinates_come_back_rounded_or_cut_off_in_both_types(side: int) -> None:
    mask = np.zeros((1, side), np.bool_)
    mask[0, :: max(2, side // 500)] = True
    corners = joined_ring(mask_polygons(mask))
    text = yolo_rows(annotations_of([mask]), CATEGORIES)
    for dtype in (np.float32, np.float64):
        shares = np.array(text.split()[1:], dtype).reshape(-1, 2)
        pixels = shares * np.array([side, 1], dtype)
        np.testing.assert_array_equal(pixels.astype(np.int32), corners)
        np.testing.assert_array_equal(np.round(pixels), corners)


def seams(ring: np.ndarray, shape: tuple[int, int]) -> Mask:
    """The pixels that lines along the seams paint: those edges that are walked in both directions."""
    steps = Counter(
        zip(map(tuple, ring.tolist()), map(tuple, np.roll(ring, -1, axis=0).tolist()), strict=True)
    )
    canvas = np.zeros(shape, np.uint8)
    for start, end in steps:
        if (end, start) in steps:
            cv2.line(canvas, start, end, 1)
    return canvas.astype(np.bool_)


@pytest.mark.parametrize("shape", SHAPES)
def test_painting_with_opencv_adds_one_pixel_to_the_right_and_below_and_the_seams(shape: str) -> None:
    mask = SHAPES[shape]
    ring = joined_ring(mask_polygons(mask))
    grown = cv2.dilate(mask.astype(np.uint8), np.ones((2, 2)), anchor=(1, 1)).astype(np.bool_)
    painted = fill_poly([ring], mask.shape)
    np.testing.assert_array_equal(painted, grown | seams(ring, mask.shape))


def test_every_edge_of_a_joined_ring_is_horizontal_or_vertical() -> None:
    ring = joined_ring(mask_polygons(SHAPES["noise"]))
    edges = np.roll(ring, -1, axis=0) - ring
    assert np.all((edges == 0).sum(axis=1) == 1)


def test_the_yaml_keeps_names_of_any_characters() -> None:
    names = (
        *NAMES[:-1],
        "1.5",
        "null",
        "- a: b # c",
        "tab\tnew\nline\r",
        "\\x\x00\x7f\x85\u2028\ufeff",
        "é\u0301",
    )
    text = "".join(yolo_yaml(lambda: [], Categories((*names, "unknown"))))
    data = yaml.safe_load(text)
    assert data == {
        "path": "",
        "train": "images",
        "val": "images",
        "names": dict(enumerate((*names, "unknown"))),
    }
