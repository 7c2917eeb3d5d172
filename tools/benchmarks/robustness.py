"""How often damaged photographs are named rightly, as they are and with `robust`, and what that costs.

    python -m tools.benchmarks.robustness PACK.zip[:FIRST] ... [--every 1] [--only blur]

Packs are those of `benchmarks.quality` whose photographs have a `label`, or `regions` with names: the best
name is right where it is the label, or the name of one of the regions. Every photograph is scaled to 256
pixels along its longer side first, and then damaged: all amounts are in pixels and grey levels of that.
PACK.zip:300 leaves out the first 300 photographs, those that were trained on; --every 3 takes one in three.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from bootstrap import build_services
from config.settings import Settings
from domain.arrays import Rgb
from domain.labels import Vocabulary
from services.classify.service import ImagePrediction, ZeroShotClassifier
from services.images.photo import photo_from_image
from services.progress import Progress
from services.vocabularies.parse import vocabulary_from_list
from tools.benchmarks.damage import DAMAGES, scaled
from tools.benchmarks.quality.part import Part
from tools.benchmarks.table import machine, show

SIDE = 256
HEAD = ("damage", "amount", "right", "right, robust", "blur told, median", "noise told", "ms", "ms, robust")


@dataclass(frozen=True)
class Case:
    """One photograph.

    Attributes:
        rgb: uint8 [H, W, 3], SIDE pixels along its longer side.
        names: What it may rightly be called.
    """

    rgb: Rgb
    names: frozenset[str]


@dataclass(frozen=True)
class Look:
    """What was said of one damaged photograph.

    Attributes:
        right: Whether the best name is one of its names.
        ms: How long it took.
        seen: All that was said.
    """

    right: bool
    ms: float
    seen: ImagePrediction


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("packs", nargs="+", type=Part.parse, metavar="PACK.zip[:FIRST]")
    parser.add_argument("--every", type=int, default=1, help="take one photograph in so many")
    parser.add_argument("--only", default="", help="damages whose names begin so")
    arguments = parser.parse_args()
    print(machine())
    services = build_services(Settings())
    for part in arguments.packs:
        cases = [*_cases(part, arguments.every)]
        names = vocabulary_from_list(
            sorted({*part.pack.classes.values()} - {"background"} or _all_names(part))
        )
        rows = [*_rows(services.classifier, names, cases, arguments.only)]
        show(f"{part.name}: {len(cases)} photographs, {len(names.labels)} names", HEAD, rows)


def _cases(part: Part, every: int) -> Iterator[Case]:
    for key in part.keys[::every]:
        names = _names(part.pack.index[key])
        if names:
            yield Case(scaled(part.pack.image(key), SIDE), names)


def _names(about: dict[str, object]) -> frozenset[str]:
    label, regions = about.get("label"), about.get("regions")
    return frozenset(
        [str(label)] if label else map(str, regions.values()) if isinstance(regions, dict) else []
    )


def _all_names(part: Part) -> set[str]:
    return {name for about in part.pack.index.values() for name in _names(about)}


def _rows(
    classifier: ZeroShotClassifier, names: Vocabulary, cases: list[Case], only: str
) -> Iterator[tuple[str, ...]]:
    for damage, (harm, amounts) in DAMAGES.items():
        for amount in amounts if damage.startswith(only) else ():
            harmed = [(harm(case.rgb, amount), case.names) for case in tqdm(cases, desc=damage, leave=False)]
            plain, robust = (
                [_look(classifier, names, rgb, right, wanted) for rgb, right in tqdm(harmed, leave=False)]
                for wanted in (False, True)
            )
            yield (damage, f"{amount:g}", *_cells(plain, robust))


def _look(
    classifier: ZeroShotClassifier, names: Vocabulary, rgb: Rgb, right: frozenset[str], robust: bool
) -> Look:
    photo, start = photo_from_image(rgb), time.perf_counter()
    seen = classifier.prediction(photo, names, robust, Progress())
    ms = 1e3 * (time.perf_counter() - start)
    return Look(names.names[int(seen.probabilities[:-1].argmax())] in right, ms, seen)


def _cells(plain: list[Look], robust: list[Look]) -> tuple[str, ...]:
    told = [prediction.seen.quality for prediction in robust if prediction.seen.quality is not None]
    blur, noise = np.median([(quality.blur, quality.noise) for quality in told], axis=0)
    right = [f"{np.mean([prediction.right for prediction in looks]):.3f}" for looks in (plain, robust)]
    ms = [f"{np.median([prediction.ms for prediction in looks]):.0f}" for looks in (plain, robust)]
    return (*right, f"{blur:.2f}", f"{noise:.1f}", *ms)


if __name__ == "__main__":
    main()
