"""How well masks and names fit annotated objects.

    python -m benchmarks.quality PACK.zip [--limit 100] [--skip 0]

A pack is a zip of <key>.jpg, <key>.png (a label map) and index.json; `regions` of an image maps ids of
the label map to class names. Objects below 1 % of the image are left out.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from app import Services, build_services
from benchmarks.table import machine, show
from config.settings import Settings
from domain.types import Mask, Prompt, Region, Rgb
from services.mask_formats import decode_rle, encode_rle
from services.naming import name_regions
from services.options import Grid, MaskOptions, NamingOptions
from services.photo import Photo
from services.progress import Progress
from services.text_vectors import TextVectors
from services.vocabularies import from_list
from training.packs import Pack

LEAST_SHARE = 0.01
GRID_MASKS = 64


@dataclass(frozen=True)
class Scores:
    """Of one object: IoU by prompt, and the rank of its name (0 is best)."""

    grid: float
    click_first: float
    click_best: float
    box: float
    rank: int


def objects(pack: Pack, key: str) -> Iterator[tuple[Mask, str]]:
    """Annotated objects of an image: mask and class name."""
    labels = pack.labels(key)
    for number, name in pack.index[key]["regions"].items():
        mask = labels == int(number)
        if mask.mean() >= LEAST_SHARE:
            yield mask, name


def iou(region: Region, mask: Mask) -> float:
    """Intersection over union."""
    found = decode_rle(region.rle)
    return float((found & mask).sum() / (found | mask).sum())


def centre(mask: Mask) -> tuple[int, int]:
    """x, y of the pixel deepest inside."""
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), mask.shape)
    return int(x), int(y)


def as_region(mask: Mask) -> Region:
    """An annotated object as a region."""
    x, y, w, h = cv2.boundingRect(mask.astype(np.uint8))
    return Region(encode_rle(mask), (x, y, w, h), int(mask.sum()), 1.0, 1.0)


class Judge:
    """Runs the service on images and scores what it says.

    Args:
        services: Of the profile judged.
        names: Every class name of the pack.
    """

    def __init__(self, services: Services, names: list[str], texts: TextVectors) -> None:
        self._services = services
        self._options = NamingOptions(from_list(names), top_k=len(names))
        self._texts = texts

    def find(self, rgb: Rgb, key: str, options: MaskOptions) -> list[Region]:
        """Regions for one prompt."""
        return [*self._services.finder.find(Photo.of(rgb, key), options, Progress()).regions]

    def image(self, rgb: Rgb, key: str, found: list[tuple[Mask, str]]) -> Iterator[Scores]:
        """Scores of every object of an image."""
        everything = self.find(rgb, key, MaskOptions(Grid(), GRID_MASKS))
        ranks = self._ranks(rgb, found)
        for (mask, _), rank in zip(found, ranks, strict=True):
            click = [
                iou(region, mask)
                for region in self.find(rgb, key, MaskOptions(Prompt.point(*centre(mask)), 3))
            ]
            x, y, w, h = as_region(mask).xywh
            box = Prompt(
                np.zeros((0, 2)),
                np.zeros(0, np.int64),
                np.array([x, y, x + w, y + h], np.float64),
            )
            boxed = self.find(rgb, key, MaskOptions(box, 1))
            best = max((iou(region, mask) for region in everything), default=0.0)
            yield Scores(best, click[0], max(click), iou(boxed[0], mask), rank)

    def _ranks(self, rgb: Rgb, found: list[tuple[Mask, str]]) -> list[int]:
        regions = [as_region(mask) for mask, _ in found]
        encoder = self._services.models.labeller.get()
        namings = name_regions(rgb, regions, encoder, self._texts, self._options, Progress())
        orders = [[score.label for score in naming.alternatives] for naming in namings]
        return [order.index(name) for order, (_, name) in zip(orders, found, strict=True)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--limit", type=int, default=100, help="images")
    parser.add_argument("--skip", type=int, default=0, help="images at the front to leave out")
    arguments = parser.parse_args()
    pack = Pack(arguments.pack)
    keys = list(pack.index)[arguments.skip :][: arguments.limit]
    names = sorted({name for entry in pack.index.values() for name in entry["regions"].values()})
    services = build_services(Settings())
    judge = Judge(services, names, services.texts)
    scores = [
        score
        for key in tqdm(keys, unit="photo")
        if (found := list(objects(pack, key)))
        for score in judge.image(pack.image(key), key, found)
    ]
    print(machine())
    _report(arguments.pack.stem, len(keys), names, scores)


def _report(name: str, images: int, names: list[str], scores: list[Scores]) -> None:
    ranks = np.array([score.rank for score in scores])
    show(
        f"{name}: {len(scores)} objects above {LEAST_SHARE:.0%} of the image in {images} photographs",
        ["what", "value"],
        [
            ["grid, best of 64 masks, mean IoU", f"{np.mean([s.grid for s in scores]):.3f}"],
            ["one click, first choice, mean IoU", f"{np.mean([s.click_first for s in scores]):.3f}"],
            ["one click, best of 3, mean IoU", f"{np.mean([s.click_best for s in scores]):.3f}"],
            ["box, mean IoU", f"{np.mean([s.box for s in scores]):.3f}"],
            [f"name of the annotated region, top-1 of {len(names)}", f"{np.mean(ranks == 0):.3f}"],
            [f"name of the annotated region, top-5 of {len(names)}", f"{np.mean(ranks < 5):.3f}"],
        ],
    )


if __name__ == "__main__":
    main()
