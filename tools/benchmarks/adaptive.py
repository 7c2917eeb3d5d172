"""Compares the adaptive grid with the full grid: prompts, time, and objects that are found.

    python -m tools.benchmarks.adaptive PACK.zip [--limit 100] [--skip 0] [--points-per-side 16]

The pack has annotated objects, as for `benchmarks.quality masks`. Objects below 1 % of the image are left
out.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bootstrap import build_services
from config.settings import Settings
from domain.arrays import Mask, Rgb
from services.images.photo import Photo
from services.masks.find import MaskFinder
from services.masks.options import MaskOptions, PointGrid
from services.progress import Progress
from tools.benchmarks.quality.annotated import large_objects
from tools.benchmarks.quality.masks import GRID_MASKS, LEAST_SHARE, iou
from tools.benchmarks.table import machine, show
from tools.training.packs import Pack

FOUND = 0.5
"""Least IoU with a region at which an object counts as found."""


@dataclass(frozen=True)
class Run:
    """The result of one grid on one image.

    Attributes:
        prompts: Number of prompts that were decoded.
        ious: Highest IoU of a region with each object.
        decode_ms: Milliseconds of the decoding.
    """

    prompts: int
    ious: list[float]
    decode_ms: float


def search(finder: MaskFinder, rgb: Rgb, key: str, grid: PointGrid, masks: list[Mask]) -> Run:
    """Find the regions of an image by a grid, and compare them with the objects.

    Args:
        finder: Finds the regions.
        rgb: The image, uint8 [H, W, 3].
        key: Key of the image in the cache.
        grid: The grid.
        masks: The objects, bool [H, W] each.
    """
    progress = Progress()
    found = finder.find(Photo.of(rgb, key), MaskOptions(grid, GRID_MASKS), progress)
    ious = [max((iou(region, mask) for region in found.regions), default=0.0) for mask in masks]
    return Run(found.prompts, ious, progress.timings_ms["decode"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pack", type=Path, help="a pack with annotated objects")
    parser.add_argument("--limit", type=int, default=100, help="largest number of images")
    parser.add_argument("--skip", type=int, default=0, help="number of images at the front that are left out")
    parser.add_argument("--points-per-side", type=int, default=16, help="points of the full grid")
    args = parser.parse_args()
    pack, side = Pack(args.pack), args.points_per_side
    grids = {
        "full": PointGrid(side, adaptive=False),
        "adaptive": PointGrid(side),
        f"full, {side * 7 // 10} points per side": PointGrid(side * 7 // 10, adaptive=False),
    }
    runs = measure(pack, list(pack.index)[args.skip :][: args.limit], grids)
    print(machine())
    _report(args.pack.stem, runs)


def measure(pack: Pack, keys: Sequence[str], grids: Mapping[str, PointGrid]) -> dict[str, list[Run]]:
    """Return the runs of each grid, by its name, on the images with objects."""
    finder = build_services(Settings()).finder
    runs: dict[str, list[Run]] = {name: [] for name in grids}
    for key in tqdm(keys, unit="image"):
        if masks := [mask for mask, _ in large_objects(pack, key, LEAST_SHARE)]:
            rgb = pack.image(key)
            for name, grid in grids.items():
                runs[name].append(search(finder, rgb, key, grid, masks))
    return runs


def _report(name: str, runs: Mapping[str, list[Run]]) -> None:
    full = runs["full"]
    count = sum(len(run.ious) for run in full)
    title = f"{name}: {count} objects above {LEAST_SHARE:.0%} of the image in {len(full)} images"
    recall, mean = f"recall at IoU {FOUND}", f"mean IoU, best of {GRID_MASKS}"
    rows = [_row(grid, found, full) for grid, found in runs.items()]
    show(title, ["grid", "prompts", "of full", recall, mean, "decode ms"], rows)


def _row(grid: str, runs: list[Run], full: list[Run]) -> list[str]:
    prompts, ious = np.mean([run.prompts for run in runs]), np.concatenate([run.ious for run in runs])
    ratio = prompts / np.mean([run.prompts for run in full])
    milliseconds = np.mean([run.decode_ms for run in runs])
    cells = [f"{prompts:.0f}", f"{ratio:.0%}", f"{(ious >= FOUND).mean():.3f}", f"{ious.mean():.3f}"]
    return [grid, *cells, f"{milliseconds:.0f}"]


if __name__ == "__main__":
    main()
