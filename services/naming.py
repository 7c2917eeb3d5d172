"""Names regions: views through the image encoder, probabilities over names plus a reject class."""

from collections.abc import Iterator, Sequence

import numpy as np

from domain.errors import InvalidRequest
from domain.ports import DualEncoder, RegionEncoder
from domain.types import Floats, LabelScore, Naming, Region, Rgb, View
from domain.types.label import UNKNOWN
from services.options import NamingOptions
from services.progress import Progress
from services.text_vectors import TextVectors
from services.views import ATTENTION, VIEWS, small_mask

REPORT_EVERY = 10

NAMELESS = Naming(LabelScore(UNKNOWN, 0.0), ())
"""What a region is called when no labeller works."""


def check_view(view: View | None, encoder: DualEncoder) -> View:
    """The view to use: the one asked for, or the encoder's own.

    Raises:
        InvalidRequest: The encoder cannot look that way; the message names the views it offers.
    """
    chosen = view or encoder.prompting.view
    if chosen in VIEWS or isinstance(encoder, RegionEncoder):
        return chosen
    offered = list(VIEWS)
    raise InvalidRequest(
        f"view: {encoder.info.name} offers {', '.join(offered)}, got {chosen!r}", {"views": offered}
    )


def name_regions(
    rgb: Rgb,
    regions: Sequence[Region],
    encoder: DualEncoder,
    texts: TextVectors,
    options: NamingOptions,
    progress: Progress,
) -> list[Naming]:
    """What each region is called, in order.

    Raises:
        InvalidRequest: The encoder has no such view.
    """
    view = check_view(options.view, encoder)
    labels = texts.of(options.vocabulary, encoder)
    namings: list[Naming] = []
    for vectors in _vectors(rgb, regions, encoder, view):
        progress.check()
        rejects = encoder.reject_similarities(vectors)
        shares = probabilities(labels.similarities(vectors), rejects, encoder.logit_scale)
        before = len(namings)
        namings += [choose(row, options) for row in shares]
        _report(before, len(namings), len(regions), progress)
    return namings


def _vectors(rgb: Rgb, regions: Sequence[Region], encoder: DualEncoder, view: View) -> Iterator[Floats]:
    """Vectors [n, D] of the regions: all at once from one forward, or crops in batches."""
    if view == ATTENTION and isinstance(encoder, RegionEncoder):
        if regions:
            yield encoder.encode_regions(rgb, [small_mask(region) for region in regions])
        return
    show, size = VIEWS[view], encoder.prompting.batch_size
    for start in range(0, len(regions), size):
        yield encoder.encode_images([show(rgb, region) for region in regions[start : start + size]])


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
