"""Masks in JavaScript: read, asked, outlined."""

from typing import Any

import cv2
import numpy as np
import pytest
from pycocotools import mask as coco_mask

from domain.arrays import Mask
from tests.browser.driver import Driver

READ = """async (rles) => {
  const { Mask } = await import('/page/js/rle.js');
  const { rings, winding } = await import('/page/js/outline.js');
  return rles.map((rle) => {
    const mask = new Mask(rle);
    const asked = [];
    for (let y = 0; y < mask.height; y++) for (let x = 0; x < mask.width; x++) asked.push(mask.has(x, y));
    const all = rings(mask);
    return { asked, area: mask.area, rings: all, windings: all.map(winding) };
  });
}"""


def masks() -> list[Mask]:
    """Noise (pixels that touch at corners, holes), blobs, and shapes at every border."""
    random = np.random.default_rng(7)
    noise = [random.random((9, 13)) < share for share in (0.1, 0.5, 0.9)]
    smooth = [cv2.GaussianBlur(random.random((60, 40)), (0, 0), 3) > 0.5 for _ in range(4)]
    full = np.ones((5, 7), np.bool_)
    frame = np.pad(np.zeros((4, 3), np.bool_), 1, constant_values=True)
    return [*noise, *smooth, full, frame, np.eye(6, dtype=np.bool_), ~np.eye(6, dtype=np.bool_)]


def code(mask: Mask) -> dict[str, Any]:
    """COCO's compressed RLE."""
    rle = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": rle["size"], "counts": rle["counts"].decode()}


@pytest.fixture
def answers(page: Driver) -> list[dict[str, Any]]:
    """What the page's modules make of the masks."""
    return list(page.page.evaluate(READ, [code(mask) for mask in masks()]))


def test_masks_are_read_as_pycocotools_wrote_them(answers: list[dict[str, Any]]) -> None:
    for answer, mask in zip(answers, masks(), strict=True):
        assert answer["asked"] == mask.ravel().tolist()
        assert answer["area"] == mask.sum()


def test_rings_run_along_the_edges_of_the_pixels(answers: list[dict[str, Any]]) -> None:
    for answer, mask in zip(answers, masks(), strict=True):
        filled = np.zeros(mask.shape, np.bool_)
        for ring in answer["rings"]:
            filled ^= inside(ring, mask.shape)
        assert np.array_equal(filled, mask)
        assert sum(answer["windings"]) == 2 * mask.sum()
        exteriors = sum(winding > 0 for winding in answer["windings"])
        parts = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)[0] - 1
        assert exteriors == parts


def inside(ring: list[list[int]], shape: tuple[int, ...]) -> Mask:
    """Which pixels' middles lie inside: how often a ray to the left crosses the ring."""
    crossed = np.zeros(shape, np.bool_)
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        assert (ax == bx) != (ay == by)
        if ax == bx:
            crossed[min(ay, by) : max(ay, by), ax:] ^= True
    return crossed
