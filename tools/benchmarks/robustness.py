"""Measures how often damaged images get the right label, with and without `robust`, and the time of that.

    python -m tools.benchmarks.robustness PACK.zip[:FIRST] ... [--every 1] [--only blur]

The packs are those of benchmarks.quality whose images have a `label`, or `regions` with class names. The best
label is right if it is that label, or the class name of one of the regions. Every image is first scaled to
256 pixels along its longer side and then damaged; all amounts are in pixels and grey levels of that size.
PACK.zip:300 leaves out the first 300 images, for example those of the training; --every 3 takes every third.
"""

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
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
"""Longer side of the images in pixels."""

HEAD = (
    *("damage", "amount", "right", "right, robust", "blur estimated, median", "noise estimated"),
    *("ms", "ms, robust"),
)
"""Titles of the columns."""


@dataclass(frozen=True)
class Case:
    """One image and its right labels.

    Attributes:
        rgb: uint8 [H, W, 3], SIDE pixels along its longer side.
        labels: The labels that are right.
    """

    rgb: Rgb
    labels: frozenset[str]


@dataclass(frozen=True)
class Trial:
    """The prediction for one damaged image.

    Attributes:
        right: True if the best label is right.
        ms: Milliseconds of the prediction.
        prediction: The prediction.
    """

    right: bool
    ms: float
    prediction: ImagePrediction


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("packs", nargs="+", type=Part.parse, metavar="PACK.zip[:FIRST]")
    parser.add_argument("--every", type=int, default=1, help="take every n-th image")
    parser.add_argument("--only", default="", help="measure damages whose description begins so")
    args = parser.parse_args()
    print(machine())
    services = build_services(Settings())
    for part in args.packs:
        cases = [*_cases(part, args.every)]
        labels = {*part.pack.classes.values()} - {"background"} or _all_labels(part)
        vocabulary = vocabulary_from_list(sorted(labels))
        rows = [*_rows(services.classifier, vocabulary, cases, args.only)]
        show(f"{part.name}: {len(cases)} images, {len(vocabulary.labels)} labels", HEAD, rows)


def _cases(part: Part, every: int) -> Iterator[Case]:
    for key in part.keys[::every]:
        if labels := _labels(part.pack.index[key]):
            yield Case(scaled(part.pack.image(key), SIDE), labels)


def _labels(metadata: Mapping[str, object]) -> frozenset[str]:
    label, regions = metadata.get("label"), metadata.get("regions")
    if label:
        return frozenset([str(label)])
    return frozenset(map(str, regions.values())) if isinstance(regions, dict) else frozenset()


def _all_labels(part: Part) -> set[str]:
    return {label for metadata in part.pack.index.values() for label in _labels(metadata)}


def _rows(
    classifier: ZeroShotClassifier, vocabulary: Vocabulary, cases: Sequence[Case], only: str
) -> Iterator[tuple[str, ...]]:
    for description, (damage, amounts) in DAMAGES.items():
        for amount in amounts if description.startswith(only) else ():
            damaged = [Case(damage(case.rgb, amount), case.labels) for case in cases]
            plain, robust = (
                [_trial(classifier, vocabulary, case, robust) for case in tqdm(damaged, description)]
                for robust in (False, True)
            )
            yield (description, f"{amount:g}", *_cells(plain, robust))


def _trial(classifier: ZeroShotClassifier, vocabulary: Vocabulary, case: Case, robust: bool) -> Trial:
    photo, start = photo_from_image(case.rgb), time.perf_counter()
    prediction = classifier.prediction(photo, vocabulary, robust, Progress())
    ms = 1e3 * (time.perf_counter() - start)
    best = vocabulary.names[int(prediction.probabilities[:-1].argmax())]
    return Trial(best in case.labels, ms, prediction)


def _cells(plain: Sequence[Trial], robust: Sequence[Trial]) -> tuple[str, ...]:
    qualities = [trial.prediction.quality for trial in robust if trial.prediction.quality is not None]
    blur, noise = np.median([(quality.blur, quality.noise) for quality in qualities], axis=0)
    right = [f"{np.mean([trial.right for trial in trials]):.3f}" for trials in (plain, robust)]
    ms = [f"{np.median([trial.ms for trial in trials]):.0f}" for trials in (plain, robust)]
    return (*right, f"{blur:.2f}", f"{noise:.1f}", *ms)


if __name__ == "__main__":
    main()
