"""Takes textures, things and skies from the packs, to make scenes from."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Mask, Rgb
from tools.training.depth.solids import Rgba, Surface
from tools.training.depth.textures import covered, enlarged, patch, plain, smooth_noise, striped
from tools.training.packs import Pack

TEXTURES = ("flickr8k_train", "coco_train", "bsds_trainval", "labelmefacade")
"""Packs whose images serve as textures."""

TEXTURES_PER_PACK = 500
"""Largest number of images of a pack that serve as textures."""

LONGEST = 256
"""Longest side in pixels of a texture or a thing that is kept."""

FACADE_SKY = 6
"""Number of the sky in the label maps of labelmefacade."""

SKY_ROWS, LEAST_SKY_COLUMNS = 40, 60
"""A sky is the upper rows of an image, where there are at least so many columns of nothing else."""

LEAST_THING, MOST_THING = 0.03, 0.6
"""Range of the share of its image that a thing covers if it is cut out."""


@dataclass(frozen=True)
class Materials:
    """The materials that scenes are made from.

    Attributes:
        images: uint8 [h, w, 3] each.
        things: Upright things that were cut out, uint8 [h, w, 4] each; the last channel is coverage.
        skies: Upper parts of images of streets, uint8 [h, w, 3] each.
        tone: Colour RGB in 0..255 towards which every surface is tinted.
        uniformity: Strength of that tint, 0..1.
    """

    images: list[Rgb]
    things: list[Rgba]
    skies: list[Rgb]
    tone: tuple[float, float, float] = (128, 128, 128)
    uniformity: float = 0.0

    def toned(self, rng: np.random.Generator) -> "Materials":
        """Return the materials tinted in one random colour, so that things hardly differ from each other."""
        red, green, blue = rng.uniform([90, 80, 60], [240, 225, 215])
        return replace(self, tone=(red, green, blue), uniformity=rng.uniform(0.3, 0.9))

    def surface(self, rng: np.random.Generator) -> Surface:
        """Return a random surface: plain, striped, an image or a piece of one; sometimes with a relief."""
        kind = rng.choice(["plain", "stripes", "patch", "image"], p=[0.3, 0.1, 0.35, 0.25])
        if kind == "image":
            texture = self.image(rng)
        elif kind == "patch":
            texture = patch(self.image(rng), rng)
        else:
            texture = plain(rng) if kind == "plain" else striped(rng)
        tinted = enlarged(texture) * rng.uniform(0.7, 1.5) * rng.uniform(0.85, 1.15, 3)
        tinted = np.clip(tinted + self.uniformity * (np.array(self.tone) - tinted), 0, 255)
        repeat = float(rng.choice([1, 1, 2, 4])) if kind == "patch" else 1.0
        relief = smooth_noise(rng) if rng.random() < 0.3 else None
        return Surface(covered(tinted.astype(np.uint8)), repeat, relief, rng.uniform(0.01, 0.06))

    def image(self, rng: np.random.Generator) -> Rgb:
        """Return a random image."""
        return self.images[rng.integers(len(self.images))]

    def thing(self, rng: np.random.Generator) -> Surface:
        """Return a random thing, mirrored half of the time, with a relief that falls towards its outline."""
        texture = self.things[rng.integers(len(self.things))]
        texture = np.ascontiguousarray(texture[:, ::-1] if rng.random() < 0.5 else texture)
        inside = cv2.distanceTransform((np.pad(texture[:, :, 3], 1) > 127).astype(np.uint8), cv2.DIST_L2, 3)
        relief = np.sqrt(inside[1:-1, 1:-1] / max(1.0, inside.max()))
        return Surface(texture, 1.0, relief.astype(np.float32), rng.uniform(0, 0.04), rng.uniform(0, 0.6))

    def sky(self, rng: np.random.Generator) -> Rgb:
        """Return a random sky, uint8 [h, w, 3], from an image or as a gradient."""
        if rng.random() < 0.6:
            return self.skies[rng.integers(len(self.skies))]
        top, bottom = rng.uniform([90, 120, 150], [220, 230, 255], (2, 3))
        return np.linspace(top, bottom, 32)[:, None].repeat(4, 1).astype(np.uint8)


def load_materials(folder: Path) -> Materials:
    """Read all materials from a folder of packs.

    Raises:
        FileNotFoundError: A pack is missing.
    """
    images = [
        _limited(pack.image(key))
        for pack in map(Pack, (folder / f"{name}.zip" for name in TEXTURES))
        for key in list(pack.index)[:TEXTURES_PER_PACK]
    ]
    return Materials(images, list(_things(folder)), list(_skies(folder)))


def masks(pack: Pack, key: str) -> Iterator[Mask]:
    """Yield the mask of every annotated thing of an image, whichever kind of label map the pack has."""
    labels = pack.labels(key)
    labels = np.where(labels == 255, 0, labels) if pack.classes else labels
    for number in np.unique(labels[labels > 0]):
        parts, components = cv2.connectedComponents((labels == number).astype(np.uint8))
        if pack.classes or parts == 2:
            yield from (components == part for part in range(1, parts))
        else:
            yield labels == number


def _things(folder: Path) -> Iterator[Rgba]:
    for name, every in (("coco_train", 1), ("coco_person", 2), ("voc2012_aug", 4), ("ecssd", 1)):
        pack = Pack(folder / f"{name}.zip")
        for key in list(pack.index)[::every]:
            rgb = pack.image(key)
            yield from (_cut_out(rgb, mask) for mask in masks(pack, key) if _whole(mask))


def _whole(mask: Mask) -> bool:
    """Return whether a thing is neither tiny nor huge, and cut off by the image at most at the bottom."""
    cut_off = mask[0].any() or mask[:, 0].any() or mask[:, -1].any()
    return not cut_off and LEAST_THING < mask.mean() < MOST_THING


def _cut_out(rgb: Rgb, mask: Mask) -> Rgba:
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    box = np.s_[y : y + height, x : x + width]
    return _limited(np.dstack([rgb[box], mask[box].astype(np.uint8) * 255]))


def _skies(folder: Path) -> Iterator[Rgb]:
    pack = Pack(folder / "labelmefacade.zip")
    for key in pack.index:
        columns = (pack.labels(key)[:SKY_ROWS] == FACADE_SKY).all(0)
        if columns.sum() > LEAST_SKY_COLUMNS:
            yield pack.image(key)[:SKY_ROWS, columns]


def _limited(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    scale = min(1.0, LONGEST / max(image.shape[:2]))
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
