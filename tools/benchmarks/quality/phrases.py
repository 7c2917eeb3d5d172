"""Measures how well phrases find the objects of their class, and how often they find what is not there."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from bootstrap import Services, build_services
from config.settings import Settings
from domain.arrays import Mask
from domain.labels import Label
from services.concepts.matches import ConceptMatches
from services.concepts.text import TextPrompt
from services.images.photo import Photo
from services.masks.formats import decode_rle
from services.masks.options import DEFAULT_MAX_MASKS, MaskOptions, PointGrid
from services.progress import Progress
from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row

LEAST_SHARE = 0.01
"""Least share of the photograph that the objects of a class cover together to be asked for."""

SEED = 0
"""Seed of the names that are asked for though they are absent."""

BINS = 5
"""Number of bins of the calibration error."""


@dataclass(frozen=True)
class Answers:
    """The answers for one photograph.

    Attributes:
        ious: IoU of the union of the answer for each present name with the union of its objects; 0 for none.
        absent: Whether anything was answered for each absent name.
        confidence: Confidence of each region, of present and absent names.
        right: Whether at least half of each region shows objects of the name.
    """

    ious: list[float]
    absent: list[bool]
    confidence: list[float]
    right: list[bool]


def evaluate(part: Part) -> tuple[str, list[Row]]:
    """Return a title, and the figures of the phrases with the default vocabulary."""
    services, rng = build_services(Settings()), random.Random(SEED)
    answers = [_answers(services, part, key, rng) for key in tqdm(part.keys, unit="image")]
    ious = [iou for each in answers for iou in each.ious]
    absent = [found for each in answers for found in each.absent]
    confidence = np.array([value for each in answers for value in each.confidence])
    right = np.array([value for each in answers for value in each.right])
    title = (
        f"phrases, {len(ious)} present names above {LEAST_SHARE:.0%} of the image, {len(absent)} absent ones"
    )
    return title, [
        Row("mean IoU of the answer with all objects of a present name", float(np.mean(ious)), 0.44),
        Row("present names with an answer", float(np.mean(np.array(ious) > 0))),
        Row("absent names with an answer", float(np.mean(absent)), 0.15, at_most=True),
        Row(f"regions at least half right, of {len(right)}", float(np.mean(right))),
        Row("calibration error of their confidence", _calibration_error(confidence, right)),
    ]


def _answers(services: Services, part: Part, key: str, rng: random.Random) -> Answers:
    present = _present(part, key)
    annotated = set(part.pack.index[key]["regions"].values())
    others = sorted(set(part.pack.classes.values()) - annotated)
    absent = rng.sample(others, min(len(present), len(others)))
    names = [*present, *absent]
    if not names:
        return Answers([], [], [], [])
    prompt = TextPrompt(tuple(map(Label, names)), services.vocabularies.default)
    photo, options = Photo.of(part.pack.image(key), key), MaskOptions(PointGrid(), DEFAULT_MAX_MASKS)
    matches = services.concepts.find(photo, prompt, options, 0.0, Progress())
    unions = [_iou(matches, place, mask) for place, mask in enumerate(present.values())]
    found = set(matches.prompt_index)
    right = [_is_right(matches, index, [*present.values()]) for index in range(len(matches.prompt_index))]
    return Answers(
        unions, [len(present) + place in found for place in range(len(absent))], [*matches.confidence], right
    )


def _present(part: Part, key: str) -> dict[str, Mask]:
    """Return the union of the objects of each class that covers enough of the image, by name."""
    labels, numbers = part.pack.labels(key), dict[str, list[int]]()
    for number, name in part.pack.index[key]["regions"].items():
        numbers.setdefault(name, []).append(int(number))
    unions = {name: np.isin(labels, some) for name, some in sorted(numbers.items())}
    return {name: mask for name, mask in unions.items() if mask.mean() > LEAST_SHARE}


def _masks(matches: ConceptMatches, place: int) -> list[Mask]:
    regions = zip(matches.found.regions, matches.prompt_index, strict=True)
    return [decode_rle(region.rle) for region, index in regions if index == place]


def _iou(matches: ConceptMatches, place: int, truth: Mask) -> float:
    masks = _masks(matches, place)
    if not masks:
        return 0.0
    union = np.logical_or.reduce(masks)
    return float((union & truth).sum() / (union | truth).sum())


def _is_right(matches: ConceptMatches, index: int, truths: Sequence[Mask]) -> bool:
    place = matches.prompt_index[index]
    if place >= len(truths):
        return False
    mask = decode_rle(matches.found.regions[index].rle)
    return bool((mask & truths[place]).sum() >= 0.5 * mask.sum())


def _calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the expected calibration error (Guo et al. 2017) over BINS bins of equal width."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        abs(right[bins == each].mean() - confidence[bins == each].mean()) * (bins == each).mean()
        for each in set(bins.tolist())
    ]
    return float(sum(gaps))
