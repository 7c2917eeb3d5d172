"""What the adaptive grid saves, and what it loses against the full grid.

    python -m tools.benchmarks.adaptive PACK.zip [--limit 100] [--skip 0] [--points-per-side 16]

A pack of objects is as in benchmarks/quality. Objects below 1 % of the image are left out.
"""

import argparse
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
"""An object counts as found at this IoU."""


@dataclass(frozen=True)
class Run:
    """One way to search one photograph.

    Attributes:
        prompts: Decoded.
        ious: Best IoU with each object.
        decode_ms: Time of decoding.
    """

    prompts: int
    ious: list[float]
    decode_ms: float


def search(finder: MaskFinder, rgb: Rgb, key: str, grid: PointGrid, masks: list[Mask]) -> Run:
    """How well a grid finds the objects of a photograph."""
    progress = Progress()
    found = finder.find(Photo.of(rgb, key), MaskOptions(grid, GRID_MASKS), progress)
    ious = [max((iou(region, mask) for region in found.regions), default=0.0) for mask in masks]
    return Run(found.prompts, ious, progress.timings_ms["decode"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--limit", type=int, default=100, help="images")
    parser.add_argument("--skip", type=int, default=0, help="images at the front to leave out")
    parser.add_argument("--points-per-side", type=int, default=16)
    arguments = parser.parse_args()
    pack = Pack(arguments.pack)
    finder = build_services(Settings()).finder
    side = arguments.points_per_side
    grids = {
        "full": PointGrid(side, adaptive=False),
        "adaptive": PointGrid(side),
        f"full, {side * 7 // 10} points a side": PointGrid(side * 7 // 10, adaptive=False),
    }
    runs: dict[str, list[Run]] = {name: [] for name in grids}
    keys = list(pack.index)[arguments.skip :][: arguments.limit]
    for key in tqdm(keys, unit="photo"):
        if masks := [mask for mask, _ in large_objects(pack, key, LEAST_SHARE)]:
            rgb = pack.image(key)
            for name, grid in grids.items():
                runs[name].append(search(finder, rgb, key, grid, masks))
    print(machine())
    _report(arguments.pack.stem, runs)


def _report(name: str, runs: dict[str, list[Run]]) -> None:
    rows = []
    full = runs["full"]
    for title, found in runs.items():
        prompts, ious = np.mean([run.prompts for run in found]), np.concatenate([r.ious for r in found])
        share = prompts / np.mean([run.prompts for run in full])
        milliseconds = np.mean([run.decode_ms for run in found])
        cells = [f"{prompts:.0f}", f"{share:.0%}", f"{(ious >= FOUND).mean():.3f}", f"{ious.mean():.3f}"]
        rows.append([title, *cells, f"{milliseconds:.0f}"])
    count = sum(len(run.ious) for run in full)
    title = f"{name}: {count} objects above {LEAST_SHARE:.0%} of the image in {len(full)} photographs"
    recall = f"recall at IoU {FOUND}"
    show(title, ["grid", "prompts", "of full", recall, f"mean IoU, best of {GRID_MASKS}", "decode ms"], rows)


if __name__ == "__main__":
    main()
