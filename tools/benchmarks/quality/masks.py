"""Measures how well masks fit annotated objects, by prompt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from tqdm import tqdm

from bootstrap import build_services
from config.settings import Settings
from domain.arrays import Mask, Rgb
from domain.masks import Prompt, Region
from services.images.photo import Photo
from services.masks.find import MaskFinder
from services.masks.formats import decode_rle, encode_rle
from services.masks.options import MaskOptions, PointGrid
from services.progress import Progress
from tools.benchmarks.quality.annotated import large_objects
from tools.benchmarks.quality.guesses import coarse_guesses
from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row

LEAST_SHARE = 0.01
"""Smallest share of the image that an object must cover; smaller ones are left out."""

GRID_MASKS = 64
"""Largest number of masks of a grid."""

CLICK_MASKS = 3
"""Largest number of masks of a click."""


@dataclass(frozen=True)
class Scores:
    """IoU of one object by prompt.

    Attributes:
        grid: Highest IoU of a mask of the grid.
        click_first: IoU of the first mask of a click.
        click_best: Highest IoU of a mask of a click.
        box: IoU of the mask of a box.
        guesses: IoU of each first guess, and of the mask of a prompt with it.
    """

    grid: float
    click_first: float
    click_best: float
    box: float
    guesses: Mapping[str, tuple[float, float]]


def evaluate(part: Part) -> tuple[str, list[Row]]:
    """Return a title, and the mean IoU by prompt."""
    finder = build_services(Settings()).finder
    scores = [score for key in tqdm(part.keys, unit="image") for score in _image(finder, part, key)]
    title = f"masks, {len(scores)} objects above {LEAST_SHARE:.0%} of the image, mean IoU"
    return title, [
        Row("one click, best of 3", float(np.mean([score.click_best for score in scores])), 0.59),
        Row("one click, first choice", float(np.mean([score.click_first for score in scores])), 0.48),
        Row("box", float(np.mean([score.box for score in scores])), 0.70),
        Row(f"grid, best of {GRID_MASKS}", float(np.mean([score.grid for score in scores])), 0.58),
        *_guess_rows(scores),
    ]


def _guess_rows(scores: Sequence[Scores]) -> Iterator[Row]:
    """Yield the mean IoU of each kind of guess, and of the answers, whose goal is that of the guess."""
    for kind in sorted({kind for score in scores for kind in score.guesses}):
        pairs = [score.guesses[kind] for score in scores if kind in score.guesses]
        guess, answer = np.mean(pairs, axis=0).tolist()
        yield Row(f"{kind} itself, as a guess", guess)
        yield Row(f"{kind}, answer to the mask prompt", answer, round(guess, 3))


def iou(region: Region, mask: Mask) -> float:
    """Return the intersection over union of a region and a mask of its size."""
    found = decode_rle(region.rle)
    return float((found & mask).sum() / (found | mask).sum())


def _image(finder: MaskFinder, part: Part, key: str) -> Iterator[Scores]:
    found = large_objects(part.pack, key, LEAST_SHARE)
    rgb = part.pack.image(key)
    if not found:
        return
    regions = _find(finder, rgb, key, MaskOptions(PointGrid(), GRID_MASKS))
    for number, (mask, _) in enumerate(found):
        click = _find(finder, rgb, key, MaskOptions(Prompt.point(*_centre(mask)), CLICK_MASKS))
        (boxed,) = _find(finder, rgb, key, MaskOptions(_box(mask), 1))
        ious = [iou(region, mask) for region in click]
        best = max((iou(region, mask) for region in regions), default=0.0)
        guesses = {**coarse_guesses(mask, number), "answer of the click": decode_rle(click[0].rle)}
        refined = {kind: _refined(finder, rgb, key, guess, mask) for kind, guess in guesses.items()}
        yield Scores(best, ious[0], max(ious), iou(boxed, mask), refined)


def _refined(finder: MaskFinder, rgb: Rgb, key: str, guess: Mask, mask: Mask) -> tuple[float, float]:
    """Return the IoU of a guess and of the answer to it with the object."""
    rle = encode_rle(guess)
    prompt = Prompt(np.zeros((0, 2)), np.zeros(0, np.int64), mask=rle)
    (answer,) = _find(finder, rgb, key, MaskOptions(prompt, 1))
    return float((guess & mask).sum() / (guess | mask).sum()), iou(answer, mask)


def _find(finder: MaskFinder, rgb: Rgb, key: str, options: MaskOptions) -> list[Region]:
    return [*finder.find(Photo.of(rgb, key), options, Progress()).regions]


def _centre(mask: Mask) -> tuple[int, int]:
    """Return x, y of the pixel that is farthest from the outside of the mask."""
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), mask.shape)
    return int(x), int(y)


def _box(mask: Mask) -> Prompt:
    x, y, w, h = cv2.boundingRect(mask.astype(np.uint8))
    corners = np.array([x, y, x + w, y + h], np.float64)
    return Prompt(np.zeros((0, 2)), np.zeros(0, np.int64), corners)
