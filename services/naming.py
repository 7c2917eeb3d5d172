"""Names regions: views through the image encoder in batches, probabilities over names plus a reject class."""

from collections.abc import Sequence

import numpy as np

from domain.ports import DualEncoder
from domain.types import Floats, LabelScore, Naming, Region, Rgb
from domain.types.label import UNKNOWN
from services.options import NamingOptions
from services.progress import Progress
from services.text_vectors import TextVectors
from services.views import VIEWS

REPORT_EVERY = 10

NAMELESS = Naming(LabelScore(UNKNOWN, 0.0), ())
"""What a region is called when no labeller works."""


def name_regions(
    rgb: Rgb,
    regions: Sequence[Region],
    encoder: DualEncoder,
    texts: TextVectors,
    options: NamingOptions,
    progress: Progress,
) -> list[Naming]:
    """What each region is called, in order."""
    labels = texts.of(options.vocabulary, encoder)
    view = VIEWS[options.view or encoder.prompting.view]
    namings: list[Naming] = []
    size = encoder.prompting.batch_size
    for start in range(0, len(regions), size):
        crops = [view(rgb, region) for region in regions[start : start + size]]
        vectors = encoder.encode_images(crops)
        rejects = encoder.reject_similarities(vectors)
        shares = probabilities(labels.similarities(vectors), rejects, encoder.logit_scale)
        namings += [choose(row, options) for row in shares]
        _report(start, len(namings), len(regions), progress)
    return namings


def _report(before: int, done: int, total: int, progress: Progress) -> None:
    """Tell of every tenth region and of the last: batches may be smaller than what is worth a line."""
    if done // REPORT_EVERY > before // REPORT_EVERY or done == total:
        progress.step("classify", done, total, f"classified {done}/{total}")


def probabilities(similarities: Floats, rejects: Floats, logit_scale: float) -> Floats:
    """Probabilities [N, L + 1] of cosines [N, L] and reject cosines [N], which stand last."""
    logits = logit_scale * np.concatenate([similarities, rejects[:, None]], axis=1)
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = exponents / exponents.sum(axis=1, keepdims=True)
    return shares


def choose(shares: Floats, options: NamingOptions) -> Naming:
    """The best name of probabilities [L + 1], or `unknown` where the reject class wins or all are too low."""
    names, reject = options.vocabulary.names, float(shares[-1])
    order = np.argsort(-shares[:-1], kind="stable")[: options.top_k]
    best = tuple(LabelScore(names[index], float(shares[index])) for index in order)
    sure = best[0].confidence > reject and best[0].confidence >= options.confidence_threshold
    return Naming(best[0] if sure else LabelScore(UNKNOWN, reject), best)
