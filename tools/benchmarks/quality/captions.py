"""Compares the captions of the service with those of people."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from tqdm import tqdm

from bootstrap import build_services
from config.settings import Settings
from services.caption.composed import NO_LABEL_SENTENCE
from services.caption.result import CaptionOptions
from services.images.photo import Photo
from services.progress import Progress
from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row

IMAGES = 100
"""Largest number of images; they are spread evenly over the pack."""

FRAME = frozenset(
    re.findall(
        "[a-z]+", "a an and are at by her his in is it its of on photograph that the their to view with"
    )
)
"""Words that are not compared, because they say nothing about an image."""


def evaluate(part: Part) -> tuple[str, list[Row]]:
    """Return a title, and the agreement of captions, beside that of the best label in a fixed sentence."""
    keys = part.keys[:: max(1, len(part.keys) // IMAGES)][:IMAGES]
    services = build_services(Settings())
    composed, plain, nothing = [], [], 0
    for key in tqdm(keys, unit="image"):
        rgb, captions = part.pack.image(key), part.pack.index[key]["captions"]
        caption = services.captions.caption(Photo.of(rgb, key), CaptionOptions(), Progress()).chosen.text
        best = services.classifier.classify(rgb).scores[0].label
        composed.append((caption, captions))
        plain.append((f"A photograph of a {best}.", captions))
        nothing += NO_LABEL_SENTENCE in caption.lower()
    return f"captions, {len(keys)} images", [
        Row("content words, F1 with the nearest caption", _mean(agreement, composed)),
        Row("the same, 'A photograph of a <best label>.'", _mean(agreement, plain)),
        Row("content words that some caption has too", _mean(precision, composed)),
        Row("the same, 'A photograph of a <best label>.'", _mean(precision, plain)),
        Row("words of a caption", float(np.mean([len(caption.split()) for caption, _ in composed]))),
        Row("images without any known label", nothing / len(keys)),
    ]


def _mean(
    measure: Callable[[str, Sequence[str]], float], pairs: Sequence[tuple[str, Sequence[str]]]
) -> float:
    return float(np.mean([measure(caption, captions) for caption, captions in pairs]))


def agreement(caption: str, captions: Sequence[str]) -> float:
    """Return the F1 of the content words of a caption and of the nearest one of `captions`, 0..1."""
    return max(_f1(content(caption), content(other)) for other in captions)


def precision(caption: str, captions: Sequence[str]) -> float:
    """Return the share of the content words of a caption that one of `captions` has too; 0 without any."""
    ours, theirs = content(caption), set().union(*map(content, captions))
    return sum(count for word, count in ours.items() if word in theirs) / max(1, ours.total())


def content(caption: str) -> Counter[str]:
    """Return the words that say something about an image."""
    return Counter(word for word in re.findall("[a-z]+", caption.lower()) if word not in FRAME)


def _f1(ours: Counter[str], theirs: Counter[str]) -> float:
    return 2 * (ours & theirs).total() / max(1, ours.total() + theirs.total())
