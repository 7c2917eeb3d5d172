"""Hands things to an encoder in batches of the size that suits it, side by side where that suits it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np

from domain.arrays import Floats, Rgb, check_shape
from domain.batches import T, batched
from domain.errors import InvalidRequest
from domain.masks import Region
from domain.models import TextPrompting, View
from domain.ports.compute import WorkerPool
from domain.ports.models import DualEncoder, RegionEncoder, SceneEncoder
from services.labels.views import (
    ATTENTION_VIEW,
    CROP_VIEWS,
    TWICE_VIEW,
    RegionView,
    blur_view,
    context_view,
    low_res_mask,
)
from services.progress import Progress

R = TypeVar("R")


def map_with_encoder(
    function: Callable[[T], R], items: Iterable[T], prompting: TextPrompting, pool: WorkerPool
) -> Iterator[R]:
    """Results in order; threads of the pool make them where a call of the encoder uses one core."""
    return (pool.map if prompting.single_threaded else map)(function, items)


def encode_in_batches(
    encode: Callable[[Sequence[T]], Floats], items: Sequence[T], prompting: TextPrompting, pool: WorkerPool
) -> Iterator[Floats]:
    """What `encode` gives for each batch of items, in order.

    Args:
        encode: Turns n items into vectors [n, D]; threads of the pool may call it.
        items: Pictures, or what pictures are made of.
        prompting: Of the encoder: how large its batches are, and whether they go side by side.
        pool: Runs them then.
    """
    return map_with_encoder(encode, batched(items, prompting.batch_size), prompting, pool)


REGIONS_PER_REPORT = 10


def resolve_view(view: View | None, encoder: DualEncoder) -> View:
    """The view to use: the one asked for, or the encoder's own.

    Raises:
        InvalidRequest: The encoder cannot look that way; the message names the views it offers.
    """
    chosen = view or encoder.prompting.view
    offered = list(CROP_VIEWS)
    offered += [TWICE_VIEW] if isinstance(encoder, SceneEncoder) else []
    offered += [ATTENTION_VIEW] if isinstance(encoder, RegionEncoder) else []
    if chosen in offered:
        return chosen
    raise InvalidRequest(
        f"view: {encoder.info.name} offers {', '.join(offered)}, got {chosen!r}", {"views": offered}
    )


@dataclass(frozen=True)
class ImageVectors:
    """What an encoder sees in regions, whatever they may be called.

    Attributes:
        vectors: float32 [N, D], unit length but for those of regions that were shown twice.
        reject_similarities: float32 [N], the cosine at which "none of these names" stands among the names.
    """

    vectors: Floats
    reject_similarities: Floats

    def __post_init__(self) -> None:
        check_shape("vectors", self.vectors, (None, None))
        check_shape("rejects", self.reject_similarities, (len(self.vectors),))
        for array in (self.vectors, self.reject_similarities):
            array.flags.writeable = False

    @classmethod
    def of(cls, vectors: Floats, encoder: DualEncoder) -> Self:
        """What `encoder` makes of its own image vectors [N, D], N at least 1."""
        return cls(vectors, encoder.reject_similarities(vectors))

    @property
    def nbytes(self) -> int:
        """Bytes of both arrays."""
        return self.vectors.nbytes + self.reject_similarities.nbytes


def encode_region_views(
    rgb: Rgb,
    regions: Sequence[Region],
    encoder: DualEncoder,
    view: View,
    pool: WorkerPool,
    progress: Progress,
) -> ImageVectors:
    """What the encoder sees in the regions, in order."""
    vectors: list[Floats] = []
    for batch in _region_vectors(rgb, regions, encoder, view, pool):
        progress.check()
        before = sum(map(len, vectors))
        vectors.append(batch)
        _report(before, before + len(batch), len(regions), progress)
    if not vectors:
        return ImageVectors(np.zeros((0, 1), np.float32), np.zeros(0, np.float32))
    return ImageVectors.of(np.concatenate(vectors), encoder)


def _region_vectors(
    rgb: Rgb, regions: Sequence[Region], encoder: DualEncoder, view: View, pool: WorkerPool
) -> Iterator[Floats]:
    """Vectors [n, D] of the regions: all at once from one forward, or crops in batches."""
    if not regions:
        return
    if view == ATTENTION_VIEW and isinstance(encoder, RegionEncoder):
        yield encoder.encode_regions(rgb, [low_res_mask(region) for region in regions])
        return
    yield from encode_in_batches(_view_encoder(rgb, encoder, view), regions, encoder.prompting, pool)


def _view_encoder(rgb: Rgb, encoder: DualEncoder, view: View) -> Callable[[Sequence[Region]], Floats]:
    """What turns regions into vectors, the photograph in mind where the encoder can."""

    def shown(regions: Sequence[Region], how: RegionView) -> list[Rgb]:
        return [how(rgb, region) for region in regions]

    if not isinstance(encoder, SceneEncoder):
        return lambda regions: encoder.encode_images(shown(regions, CROP_VIEWS[view]))
    scene = encoder.encode_scene(rgb)
    if view == TWICE_VIEW:
        return lambda regions: encoder.encode_two_views(
            shown(regions, blur_view), shown(regions, context_view), scene
        )
    return lambda regions: encoder.encode_crops(shown(regions, CROP_VIEWS[view]), scene)


def _report(before: int, done: int, total: int, progress: Progress) -> None:
    """Tell of every tenth region and of the last: batches may be smaller than what is worth a line."""
    if done // REGIONS_PER_REPORT > before // REGIONS_PER_REPORT or done == total:
        progress.step("classify", done, total, f"classified {done}/{total}")
