"""Names regions: views through the image encoder, probabilities over names plus a reject class."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from domain.arrays import Floats, Rgb, check_shape
from domain.errors import InvalidRequest
from domain.labels import UNKNOWN, LabelScore, Naming, Vocabulary
from domain.masks import Region
from domain.model import View
from domain.ports.stores import DualEncoder, RegionEncoder, SceneEncoder, WorkerPool
from services.labels.batches import in_batches
from services.labels.own_axes import without_own_axes
from services.labels.vectors import TextVectors
from services.labels.views import ATTENTION, TWICE, VIEWS, Show, blur, context, small_mask
from services.masks.options import NamingOptions
from services.progress import Check, Progress, go_on

REPORT_EVERY = 10

NAMELESS = Naming(LabelScore(UNKNOWN, 0.0), (), 0.0)
"""What a region is called when no labeller works."""


def check_view(view: View | None, encoder: DualEncoder) -> View:
    """The view to use: the one asked for, or the encoder's own.

    Raises:
        InvalidRequest: The encoder cannot look that way; the message names the views it offers.
    """
    chosen = view or encoder.prompting.view
    offered = list(VIEWS)
    offered += [TWICE] if isinstance(encoder, SceneEncoder) else []
    offered += [ATTENTION] if isinstance(encoder, RegionEncoder) else []
    if chosen in offered:
        return chosen
    raise InvalidRequest(
        f"view: {encoder.info.name} offers {', '.join(offered)}, got {chosen!r}", {"views": offered}
    )


@dataclass(frozen=True)
class Looks:
    """What an encoder sees in regions, whatever they may be called.

    Attributes:
        vectors: float32 [N, D], unit length but for those of regions that were shown twice.
        rejects: float32 [N], the cosine at which "none of these names" stands among the names.
    """

    vectors: Floats
    rejects: Floats

    def __post_init__(self) -> None:
        check_shape("vectors", self.vectors, (None, None))
        check_shape("rejects", self.rejects, (len(self.vectors),))
        for array in (self.vectors, self.rejects):
            array.flags.writeable = False

    @classmethod
    def of(cls, vectors: Floats, encoder: DualEncoder) -> Self:
        """What `encoder` makes of its own image vectors [N, D], N at least 1."""
        return cls(vectors, encoder.reject_similarities(vectors))

    @property
    def nbytes(self) -> int:
        """Bytes of both arrays."""
        return self.vectors.nbytes + self.rejects.nbytes


def look_at(
    rgb: Rgb,
    regions: Sequence[Region],
    encoder: DualEncoder,
    view: View,
    pool: WorkerPool,
    progress: Progress,
) -> Looks:
    """What the encoder sees in the regions, in order."""
    vectors: list[Floats] = []
    for batch in _vectors(rgb, regions, encoder, view, pool):
        progress.check()
        before = sum(map(len, vectors))
        vectors.append(batch)
        _report(before, before + len(batch), len(regions), progress)
    if not vectors:
        return Looks(np.zeros((0, 1), np.float32), np.zeros(0, np.float32))
    return Looks.of(np.concatenate(vectors), encoder)


def name(
    looks: Looks, encoder: DualEncoder, texts: TextVectors, options: NamingOptions, check: Check = go_on
) -> list[Naming]:
    """What each region is called, in order; `check` as of `shares`."""
    return [choose(row, options) for row in shares(looks, encoder, texts, options.vocabulary, check)]


def shares(
    looks: Looks, encoder: DualEncoder, texts: TextVectors, vocabulary: Vocabulary, check: Check = go_on
) -> Floats:
    """Probabilities [N, L + 1] of the names for each region; that of the reject class stands last.

    While another thread encodes the vocabulary, `check` is asked, which raises to give up.
    """
    if not len(looks.vectors):
        return np.zeros((0, len(vocabulary.labels) + 1), np.float32)
    known = texts.of(vocabulary, encoder, check)
    similarities = known.similarities(looks.vectors)
    if known.head is not None:
        seen = without_own_axes(looks.vectors, encoder.own_axes)
        similarities += known.head.extra(seen, len(vocabulary.labels)) / encoder.logit_scale
    return probabilities(similarities, looks.rejects, encoder.logit_scale)


def name_regions(
    rgb: Rgb,
    regions: Sequence[Region],
    encoder: DualEncoder,
    texts: TextVectors,
    options: NamingOptions,
    pool: WorkerPool,
    progress: Progress,
) -> list[Naming]:
    """What each region is called, in order; nothing is kept but the vectors of the vocabulary.

    Raises:
        InvalidRequest: The encoder has no such view.
    """
    view = check_view(options.view, encoder)
    looks = look_at(rgb, regions, encoder, view, pool, progress)
    return name(looks, encoder, texts, options, progress.check)


def _vectors(
    rgb: Rgb, regions: Sequence[Region], encoder: DualEncoder, view: View, pool: WorkerPool
) -> Iterator[Floats]:
    """Vectors [n, D] of the regions: all at once from one forward, or crops in batches."""
    if not regions:
        return
    if view == ATTENTION and isinstance(encoder, RegionEncoder):
        yield encoder.encode_regions(rgb, [small_mask(region) for region in regions])
        return
    yield from in_batches(_look(rgb, encoder, view), regions, encoder.prompting, pool)


def _look(rgb: Rgb, encoder: DualEncoder, view: View) -> Callable[[Sequence[Region]], Floats]:
    """What turns regions into vectors, the photograph in mind where the encoder can."""

    def shown(regions: Sequence[Region], how: Show) -> list[Rgb]:
        return [how(rgb, region) for region in regions]

    if not isinstance(encoder, SceneEncoder):
        return lambda regions: encoder.encode_images(shown(regions, VIEWS[view]))
    scene = encoder.encode_scene(rgb)
    if view == TWICE:
        return lambda regions: encoder.encode_twice(shown(regions, blur), shown(regions, context), scene)
    return lambda regions: encoder.encode_crops(shown(regions, VIEWS[view]), scene)


def _report(before: int, done: int, total: int, progress: Progress) -> None:
    """Tell of every tenth region and of the last: batches may be smaller than what is worth a line."""
    if done // REPORT_EVERY > before // REPORT_EVERY or done == total:
        progress.step("classify", done, total, f"classified {done}/{total}")


def probabilities(similarities: Floats, rejects: Floats, logit_scale: float) -> Floats:
    """Probabilities [N, L + 1] of cosines [N, L] and reject cosines [N], which stand last."""
    logits = logit_scale * np.concatenate([similarities, rejects[:, None]], axis=1)
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: Floats = exponents / exponents.sum(axis=1, keepdims=True)
    return found


def choose(row: Floats, options: NamingOptions) -> Naming:
    """The best name of probabilities [L + 1], or `unknown` where the reject class wins or all are too low."""
    names, reject = options.vocabulary.names, float(row[-1])
    order = np.argsort(-row[:-1], kind="stable")[: options.top_k]
    best = tuple(LabelScore(names[index], float(row[index])) for index in order)
    sure = best[0].confidence > reject and best[0].confidence >= options.confidence_threshold
    return Naming(best[0] if sure else LabelScore(UNKNOWN, reject), best, reject)
