"""Textures, things cut out of photographs and skies, all taken from the packs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from domain.arrays import Mask, Rgb
from tools.training.depth.solids import Surface
from tools.training.depth.textures import covered, enlarged, patch, plain, smooth_noise, striped
from tools.training.packs import LabelMap, Pack

PHOTOGRAPHS = ("flickr8k_train", "coco_train", "bsds_trainval", "labelmefacade")
PHOTOGRAPHS_A_PACK = 500
LONGEST = 256
FACADE_SKY = 6
MOST_SKY_ROWS, LEAST_SKY_COLUMNS = 40, 60
LEAST_THING, MOST_THING = 0.03, 0.6
"""Share of its photograph that a thing must cover to be cut out."""


@dataclass(frozen=True)
class Materials:
    """What scenes are made from.

    Attributes:
        photographs: uint8 [h, w, 3].
        things: Cut out, upright, uint8 [h, w, 4]; the last channel is coverage.
        skies: Upper parts of street photographs, uint8 [h, w, 3].
        tone: Colour [3] that every surface is drawn towards.
        uniformity: How far, 0..1.
    """

    photographs: list[Rgb]
    things: list[Rgb]
    skies: list[Rgb]
    tone: tuple[float, float, float] = (128, 128, 128)
    uniformity: float = 0.0

    def toned(self, rng: np.random.Generator) -> "Materials":
        """The same, all in about one colour, so that things hardly stand out from what is behind them."""
        red, green, blue = rng.uniform([90, 80, 60], [240, 225, 215])
        return replace(self, tone=(red, green, blue), uniformity=rng.uniform(0.3, 0.9))

    def surface(self, rng: np.random.Generator) -> Surface:
        """A random surface: plain, striped or a piece of a photograph; sometimes bumpy."""
        kind = rng.choice(["plain", "stripes", "patch", "photograph"], p=[0.3, 0.1, 0.35, 0.25])
        if kind == "photograph":
            texture = self.photograph(rng)
        elif kind == "patch":
            texture = patch(self.photograph(rng), rng)
        else:
            texture = plain(rng) if kind == "plain" else striped(rng)
        tinted = enlarged(texture) * rng.uniform(0.7, 1.5) * rng.uniform(0.85, 1.15, 3)
        tinted = np.clip(tinted + self.uniformity * (np.array(self.tone) - tinted), 0, 255)
        repeat = float(rng.choice([1, 1, 2, 4])) if kind == "patch" else 1.0
        relief = smooth_noise(rng) if rng.random() < 0.3 else None
        return Surface(covered(tinted.astype(np.uint8)), repeat, relief, rng.uniform(0.01, 0.06))

    def photograph(self, rng: np.random.Generator) -> Rgb:
        """A random photograph."""
        return self.photographs[rng.integers(len(self.photographs))]

    def thing(self, rng: np.random.Generator) -> Surface:
        """A random thing, mirrored half of the time, rounded off towards its outline."""
        texture = self.things[rng.integers(len(self.things))]
        texture = np.ascontiguousarray(texture[:, ::-1] if rng.random() < 0.5 else texture)
        inside = cv2.distanceTransform((np.pad(texture[:, :, 3], 1) > 127).astype(np.uint8), cv2.DIST_L2, 3)
        relief = np.sqrt(inside[1:-1, 1:-1] / max(1.0, inside.max()))
        return Surface(texture, 1.0, relief.astype(np.float32), rng.uniform(0, 0.04), rng.uniform(0, 0.6))

    def sky(self, rng: np.random.Generator) -> Rgb:
        """A random sky: from a photograph, or a gradient."""
        if rng.random() < 0.6:
            return self.skies[rng.integers(len(self.skies))]
        ends = rng.uniform([90, 120, 150], [220, 230, 255], (2, 3))
        return np.linspace(*ends, 32)[:, None].repeat(4, 1).astype(np.uint8)


def load_materials(folder: Path) -> Materials:
    """Read them all from a folder of packs.

    Raises:
        FileNotFoundError: A pack is missing.
    """
    photographs = [
        _limited(pack.image(key))
        for pack in map(Pack, (folder / f"{name}.zip" for name in PHOTOGRAPHS))
        for key in list(pack.index)[:PHOTOGRAPHS_A_PACK]
    ]
    return Materials(photographs, list(_things(folder)), list(_skies(folder)))


def masks(pack: Pack, key: str) -> Iterator[Mask]:
    """Every annotated thing of a photograph, whatever the pack's label map means."""
    labels = pack.labels(key)
    labels = np.where(labels == 255, 0, labels) if pack.classes else labels
    for number in np.unique(labels[labels > 0]):
        parts, components = cv2.connectedComponents((labels == number).astype(np.uint8))
        if pack.classes or parts == 2:
            yield from (components == part for part in range(1, parts))
        else:
            yield labels == number


def _things(folder: Path) -> Iterator[Rgb]:
    for name, every in (("coco_train", 1), ("coco_person", 2), ("voc2012_aug", 4), ("ecssd", 1)):
        pack = Pack(folder / f"{name}.zip")
        for key in list(pack.index)[::every]:
            rgb = pack.image(key)
            yield from (_cut_out(rgb, mask) for mask in masks(pack, key) if _whole(mask))


def _whole(mask: Mask) -> bool:
    """Neither tiny nor huge, and cut off by the picture's edge at most at the bottom."""
    cut_off = mask[0].any() or mask[:, 0].any() or mask[:, -1].any()
    return not cut_off and LEAST_THING < mask.mean() < MOST_THING


def _cut_out(rgb: Rgb, mask: Mask) -> Rgb:
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    box = np.s_[y : y + height, x : x + width]
    return _limited(np.dstack([rgb[box], mask[box].astype(np.uint8) * 255]))


def _skies(folder: Path) -> Iterator[Rgb]:
    pack = Pack(folder / "labelmefacade.zip")
    for key in pack.index:
        sky: LabelMap = pack.labels(key) == FACADE_SKY
        columns = sky[:MOST_SKY_ROWS].all(0)
        if columns.sum() > LEAST_SKY_COLUMNS:
            yield pack.image(key)[:MOST_SKY_ROWS, columns]


def _limited(image: Rgb) -> Rgb:
    scale = min(1.0, LONGEST / max(image.shape[:2]))
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
