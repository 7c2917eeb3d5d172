"""How much the captions of people and the service's say the same."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from tqdm import tqdm

from bootstrap import build_services
from config.settings import Settings
from services.caption.result import CaptionOptions
from services.images.photo import Photo
from services.progress import Progress
from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row

PHOTOGRAPHS = 100
"""So many are judged, spread evenly over the pack."""

FRAME = frozenset(
    re.findall(
        "[a-z]+", "a an and are at by her his in is it its of on photograph that the their to view with"
    )
)
"""Left out of what is compared; a sentence of nothing else would agree with any."""


def judge(part: Part) -> tuple[str, list[Row]]:
    """A title, and the agreement of captions, beside that of the best name in a frame."""
    keys = part.keys[:: max(1, len(part.keys) // PHOTOGRAPHS)][:PHOTOGRAPHS]
    services = build_services(Settings())
    said, plain, nothing = [], [], 0
    for key in tqdm(keys, unit="photo"):
        rgb, captions = part.pack.image(key), part.pack.index[key]["captions"]
        caption = services.captions.caption(Photo.of(rgb, key), CaptionOptions(), Progress()).chosen.text
        best = services.classifier.classify(rgb).scores[0].label
        said.append((caption, captions))
        plain.append((f"A photograph of a {best}.", captions))
        nothing += "none of the known names" in caption
    return f"captions, {len(keys)} photographs", [
        Row("content words, F1 with the nearest caption", _mean(agreement, said)),
        Row("the same, 'A photograph of a <best name>.'", _mean(agreement, plain)),
        Row("content words that some caption has too", _mean(precision, said)),
        Row("the same, 'A photograph of a <best name>.'", _mean(precision, plain)),
        Row("words of a caption", float(np.mean([len(caption.split()) for caption, _ in said]))),
        Row("photographs of which nothing is said", nothing / len(keys)),
    ]


def _mean(
    measure: Callable[[str, Sequence[str]], float], pairs: Sequence[tuple[str, Sequence[str]]]
) -> float:
    return float(np.mean([measure(caption, captions) for caption, captions in pairs]))


def agreement(caption: str, captions: Sequence[str]) -> float:
    """F1 of the content words of a caption and those of the one of `captions` that is nearest, 0..1."""
    return max(_f1(content(caption), content(other)) for other in captions)


def precision(caption: str, captions: Sequence[str]) -> float:
    """Share of the content words of a caption that one of `captions` has too, 0..1; 0 without any."""
    ours, theirs = content(caption), set().union(*map(content, captions))
    return sum(count for word, count in ours.items() if word in theirs) / max(1, ours.total())


def content(caption: str) -> Counter[str]:
    """The words that say what is there."""
    return Counter(word for word in re.findall("[a-z]+", caption.lower()) if word not in FRAME)


def _f1(ours: Counter[str], theirs: Counter[str]) -> float:
    return 2 * (ours & theirs).total() / max(1, ours.total() + theirs.total())
