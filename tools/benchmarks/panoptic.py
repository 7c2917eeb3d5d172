"""Measures the panoptic quality of whole objects, beside the naive choice of the same regions.

    python -m tools.benchmarks.panoptic PACK.zip[:FIRST] [--limit N] [--points-per-side 16]

The pack has annotated objects, as for `benchmarks.quality masks`; PACK.zip:300 leaves out the first 300
images. The labels are the names of its classes. The panoptic quality (Kirillov et al. 2019) is that of
things, pooled over classes: the sum of the IoUs of the matches over TP + FP / 2 + FN / 2. A segment matches
an object of its label at an IoU above 0.5. Objects below 200 pixels count as void, and a segment that lies
at least half on void is not counted. The naive choice paints every labelled region, the most confident on
top.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from bootstrap import Services, build_services
from config.settings import Settings
from domain.labels import UNKNOWN_LABEL
from services.images.photo import Photo
from services.labels.confidence import LabelOptions
from services.masks.formats import decode_rle
from services.masks.options import DEFAULT_MAX_MASKS, MaskOptions, PointGrid
from services.progress import Progress
from services.segment import SegmentOptions, SegmentResult
from services.vocabularies.parse import vocabulary_from_list
from tools.benchmarks.quality.part import Part
from tools.benchmarks.table import machine, show

LEAST_PIXELS = 200
"""Pixels of the smallest object that counts."""

MATCH = 0.5
"""IoU above which a segment matches an object of its label."""

VOID_SHARE = 0.5
"""Share of void in a segment from which it is not counted."""


@dataclass(frozen=True)
class Counts:
    """Matches of segments with objects.

    Attributes:
        iou: Sum of the IoUs of the matches.
        matched: Number of matches (TP).
        wrong: Number of segments that match nothing (FP).
        missed: Number of objects that nothing matches (FN).
    """

    iou: float = 0.0
    matched: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.iou + other.iou,
            self.matched + other.matched,
            self.wrong + other.wrong,
            self.missed + other.missed,
        )

    @property
    def quality(self) -> float:
        """Panoptic quality, 0..1."""
        return self.iou / max(self.matched + (self.wrong + self.missed) / 2, 0.5)

    @property
    def cells(self) -> list[str]:
        """The cells of the figures in the table."""
        mean = self.iou / max(self.matched, 1)
        return [f"{self.quality:.3f}", f"{mean:.3f}", str(self.matched), str(self.wrong), str(self.missed)]


def compare(ids: NDArray[np.integer], labels: Sequence[str], part: Part, key: str) -> Counts:
    """Count the matches of an image.

    Args:
        ids: [H, W], index of the segment at each pixel plus one; 0 for none.
        labels: Label of each segment.
        part: The images with their objects.
        key: Key of the image.
    """
    truth, names = part.pack.labels(key).astype(np.int64), part.pack.index[key]["regions"]
    count = int(truth.max()) + 1
    areas = np.bincount(truth.ravel(), minlength=count)
    known = {int(number): name for number, name in names.items() if areas[int(number)] >= LEAST_PIXELS}
    truth[~np.isin(truth, list(known))] = 0
    shared = np.bincount(
        ids.ravel().astype(np.int64) * count + truth.ravel(), minlength=(len(labels) + 1) * count
    )
    shared = shared.reshape(-1, count)[1:]
    total = Counts(missed=len(known))
    for label, row in zip(labels, shared, strict=True):
        total += _match(label, row, areas, known)
    return total


def _match(label: str, row: NDArray[np.int64], areas: NDArray[np.int64], known: dict[int, str]) -> Counts:
    """Count one segment by the pixels [objects + 1] that it has in common with void and each object."""
    best = int(row[1:].argmax()) + 1 if len(row) > 1 else 0
    iou = row[best] / max(row.sum() + areas[best] - row[best], 1)
    if best and iou > MATCH and known.get(best) == label:
        return Counts(float(iou), matched=1, missed=-1)
    return Counts(wrong=int(row[0] < VOID_SHARE * row.sum()))


def naive_choice(result: SegmentResult) -> tuple[NDArray[np.int64], list[str]]:
    """Paint the labelled regions, the most confident on top: ids [H, W] and the labels of the segments."""
    chosen = [prediction.chosen for prediction in result.labels.per_region]
    labelled = [index for index, score in enumerate(chosen) if score.label != UNKNOWN_LABEL]
    labelled.sort(key=lambda index: chosen[index].confidence)
    ids = np.zeros((result.height, result.width), np.int64)
    for place, index in enumerate(labelled):
        ids[decode_rle(result.regions[index].rle)] = place + 1
    return ids, [chosen[index].label for index in labelled]


def measure(
    services: Services, part: Part, keys: Sequence[str], options: SegmentOptions
) -> tuple[Counts, Counts, list[float]]:
    """Return the counts of the naive choice and of whole objects, and the milliseconds that these add."""
    naive, whole, added = Counts(), Counts(), []
    for key in tqdm(keys, unit="image"):
        photo = Photo.of(part.pack.image(key), key)
        naive += compare(*naive_choice(services.segment.segment(photo, options, Progress())), part, key)
        start = time.perf_counter()  # masks and vectors are cached by now
        result = services.segment.segment(photo, replace(options, panoptic=True), Progress())
        added.append((time.perf_counter() - start) * 1e3)
        labels = [prediction.chosen.label for prediction in result.labels.per_region]
        if result.panoptic is not None:
            whole += compare(result.panoptic.ids, labels, part, key)
    return naive, whole, added


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "part", type=Part.parse, metavar="PACK.zip[:FIRST]", help="a pack with annotated objects"
    )
    parser.add_argument("--limit", type=int, help="largest number of images")
    parser.add_argument("--points-per-side", type=int, default=16, help="points of the grid")
    args = parser.parse_args()
    part, keys = args.part, args.part.keys[: args.limit]
    labels = LabelOptions(vocabulary_from_list([*part.pack.classes.values()]))
    masks = MaskOptions(PointGrid(args.points_per_side), DEFAULT_MAX_MASKS)
    naive, whole, added = measure(
        build_services(Settings()), part, keys, SegmentOptions(masks, labels, overlay=False)
    )
    print(machine())
    title = f"{part.name}: things, {whole.matched + whole.missed} objects in {len(keys)} images"
    rows = [["painted by confidence", *naive.cells, "1.00"]]
    rows.append(["whole objects", *whole.cells, f"{whole.quality / max(naive.quality, 1e-9):.2f}"])
    show(title, ["choice", "PQ", "mean IoU", "TP", "FP", "FN", "times the naive PQ"], rows)
    print(f"\nChoosing and painting whole objects takes {np.median(added):.0f} ms an image (median).")


if __name__ == "__main__":
    main()
