"""Measures how many small objects of large pictures 0, 1 and 2 layers of crops find, and at which cost.

    python -m tools.benchmarks.crops PACK.zip[:FIRST] [--columns 4] [--rows 4] [--limit N] [--min-area PIXELS]

Photographs of the pack are pasted at their own size into large pictures: a montage has columns and rows of
them on white, a tall page has one column with lines like text between them. The objects are those of the
pack (`<key>.png` numbers them) of at least 200 pixels, by their share of the picture. Seconds are those of
the processor, in all threads; the memory is the largest of the whole process.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco
from tqdm import tqdm

from bootstrap import build_services
from config.settings import Settings
from domain.arrays import Rgb
from domain.batches import batched
from domain.masks import Rle
from services.images.photo import Photo
from services.masks.find import MaskFinder
from services.masks.formats import coco_rle, encode_placed_rle
from services.masks.options import CropLayers, MaskOptions, PointGrid, default_max_masks
from tools.benchmarks.memory import WatchedProgress, with_service_allocator
from tools.benchmarks.quality.annotated import objects
from tools.benchmarks.quality.part import Part
from tools.benchmarks.table import machine, show

MODULE = "tools.benchmarks.crops"
"""Name of this module."""

LAYERS = (0, 1, 2)

LEAST_PIXELS = 200
"""Least area of an object in pixels."""

SHARES = {"below 0.05 %": (0.0, 0.0005), "0.05 to 0.5 %": (0.0005, 0.005), "larger": (0.005, 1.0)}
"""Least share of the picture, and the share below which an object is, by the size of the object."""

FOUND = 0.5
"""Least IoU with a region at which an object counts as found."""

GAP_PX = 160
"""Height of the text between two photographs of a tall page."""

LINE_PX, WORD_PX = 24, 60
"""Distance of two lines of that text, and mean length of its words."""


@dataclass(frozen=True)
class Picture:
    """A large picture with its objects.

    Attributes:
        rgb: The picture, uint8 [H, W, 3].
        objects: Masks of the objects.
    """

    rgb: Rgb
    objects: tuple[Rle, ...]


@dataclass(frozen=True)
class Run:
    """The result of one search in one picture.

    Attributes:
        ious: Highest IoU of a region with each object, float64 [N].
        shares: Share of the picture of each object, float64 [N].
        regions: Number of regions.
        prompts: Number of prompts that were decoded.
        seconds: Processor time of all threads.
        peak_mb: Largest memory of the process.
    """

    ious: NDArray[np.float64]
    shares: NDArray[np.float64]
    regions: int
    prompts: int
    seconds: float
    peak_mb: float


def montage(part: Part, keys: Sequence[str], columns: int, rows: int) -> Picture:
    """Return photographs in `columns` x `rows` equal cells on white, each at its own size."""
    photographs = [part.pack.image(key) for key in keys]
    width, height = (max(each.shape[axis] for each in photographs) for axis in (1, 0))
    rgb = np.full((rows * height, columns * width, 3), 255, np.uint8)
    places = [(number % columns * width, number // columns * height) for number in range(len(keys))]
    return _pasted(rgb, part, keys, photographs, places)


def tall_page(part: Part, keys: Sequence[str]) -> Picture:
    """Return photographs one below the other on white, with lines like text between them."""
    photographs = [part.pack.image(key) for key in keys]
    tops = np.cumsum([GAP_PX] + [photograph.shape[0] + GAP_PX for photograph in photographs])
    rgb = np.full((int(tops[-1]), max(each.shape[1] for each in photographs), 3), 255, np.uint8)
    random = np.random.default_rng(0)
    for bottom in tops.tolist():
        for y in range(bottom - GAP_PX + LINE_PX, bottom - LINE_PX, LINE_PX):
            _write_line(rgb[y : y + LINE_PX // 2], random)
    return _pasted(rgb, part, keys, photographs, [(0, top) for top in tops.tolist()])


def _write_line(strip: Rgb, random: np.random.Generator) -> None:
    """Draw dark words of random strokes on a strip [h, W, 3]."""
    x = LINE_PX
    while x < strip.shape[1] - 2 * WORD_PX:
        length = int(random.integers(WORD_PX // 3, WORD_PX * 5 // 3))
        strip[:, x : x + length][random.random((strip.shape[0], length)) < 0.5] = 40
        x += length + LINE_PX // 2


def _pasted(
    rgb: Rgb, part: Part, keys: Sequence[str], photographs: Sequence[Rgb], places: Sequence[tuple[int, int]]
) -> Picture:
    height, width = rgb.shape[:2]
    found = []
    for key, photograph, (x, y) in zip(keys, photographs, places, strict=False):
        rgb[y : y + photograph.shape[0], x : x + photograph.shape[1]] = photograph
        found += [
            encode_placed_rle(mask, x, y, width, height) for mask, _ in objects(part.pack, key, LEAST_PIXELS)
        ]
    return Picture(rgb, tuple(found))


def search(finder: MaskFinder, picture: Picture, name: str, layers: int, min_area: int | None) -> Run:
    """Search a picture with layers of crops, and compare the regions with its objects."""
    grid = PointGrid(crops=CropLayers(layers))
    options = MaskOptions(grid, default_max_masks(grid.crops), min_area=min_area)
    progress, start = WatchedProgress(), time.process_time()
    with progress.watching():
        found = finder.find(Photo.of(picture.rgb, name), options, progress)
    seconds = time.process_time() - start
    truth = [coco_rle(each) for each in picture.objects]
    codes = [coco_rle(region.rle) for region in found.regions]
    ious = np.asarray(coco.iou(codes, truth, [0] * len(truth))).max(axis=0) if codes else np.zeros(len(truth))
    shares = coco.area(truth) / (picture.rgb.shape[0] * picture.rgb.shape[1])
    return Run(ious, shares, len(codes), found.prompts, seconds, max(progress.peaks.values()))


def pictures(part: Part, keys: Sequence[str], columns: int, rows: int) -> Iterator[tuple[str, Picture]]:
    """Yield the montages and then the tall pages of the photographs, each with its kind."""
    for group in batched(keys, columns * rows):
        yield f"montages of {columns} x {rows}", montage(part, group, columns, rows)
    for group in batched(keys, columns * rows // 2):
        yield f"tall pages of {columns * rows // 2}", tall_page(part, group)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pack", type=Part.parse, metavar="PACK.zip[:FIRST]", help="a pack with objects")
    parser.add_argument("--columns", type=int, default=4, help="photographs in a row of a montage")
    parser.add_argument("--rows", type=int, default=4, help="rows of a montage")
    parser.add_argument("--limit", type=int, default=10_000, help="largest number of photographs")
    parser.add_argument("--min-area", type=int, help="least area of a region (default: that of the service)")
    args = parser.parse_args()
    with_service_allocator(MODULE)
    finder = build_services(Settings()).finder
    runs: dict[tuple[str, int], list[Run]] = {}
    made = pictures(args.pack, args.pack.keys[: args.limit], args.columns, args.rows)
    for number, (kind, picture) in enumerate(tqdm(made, unit="picture")):
        for layers in LAYERS:
            run = search(finder, picture, f"{number}-{layers}", layers, args.min_area)
            runs.setdefault((kind, layers), []).append(run)
    print(machine())
    for kind in dict.fromkeys(kind for kind, _ in runs):
        _report(kind, {layers: runs[kind, layers] for layers in LAYERS})


def _report(kind: str, runs: dict[int, list[Run]]) -> None:
    sizes = [f"{name}: {len(_of_size(runs[LAYERS[0]], name))}" for name in SHARES]
    title = f"{len(runs[LAYERS[0]])} {kind}, recall at IoU {FOUND} of objects by size ({', '.join(sizes)})"
    head = ["crop layers", *SHARES, "regions", "prompts", "processor s", "peak MB"]
    show(title, head, [_row(layers, each) for layers, each in runs.items()])


def _of_size(runs: list[Run], name: str) -> NDArray[np.float64]:
    """Return the IoUs of the objects of a size."""
    least, most = SHARES[name]
    return np.concatenate([run.ious[(run.shares >= least) & (run.shares < most)] for run in runs])


def _row(layers: int, runs: list[Run]) -> list[str]:
    recalls = [
        f"{np.mean(found >= FOUND):.3f}" if len(found := _of_size(runs, name)) else "-" for name in SHARES
    ]
    means = [f"{np.mean([getattr(run, name) for run in runs]):.0f}" for name in ("regions", "prompts")]
    seconds, peak = np.mean([run.seconds for run in runs]), max(run.peak_mb for run in runs)
    return [str(layers), *recalls, *means, f"{seconds:.1f}", f"{peak:.0f}"]


if __name__ == "__main__":
    main()
