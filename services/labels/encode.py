"""Encode views of regions into image vectors, in batches of the size that suits the encoder."""

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
from services.images.content import shows_nothing
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

REGIONS_PER_REPORT = 10

PLAIN_REJECT_LOGITS = 6.0
"""Bonus of the reject class in an image that shows nothing. The embedded labeller sees grey or noise as sky
with up to 4 logits more than the reject class; labels that were taught with such images win nevertheless."""


@dataclass(frozen=True)
class ImageVectors:
    """Image vectors of regions or whole images, independent of any vocabulary.

    Attributes:
        vectors: float32 [N, D] of unit length, except for the `twice` view.
        reject_similarities: float32 [N], the cosine of the reject class for each vector.
    """

    vectors: Floats
    reject_similarities: Floats

    def __post_init__(self) -> None:
        check_shape("vectors", self.vectors, (None, None))
        check_shape("rejects", self.reject_similarities, (len(self.vectors),))
        for array in (self.vectors, self.reject_similarities):
            array.flags.writeable = False

    @classmethod
    def of(cls, vectors: Floats, encoder: DualEncoder, images: Sequence[Rgb] = ()) -> Self:
        """Add the reject similarities of `encoder` to its image vectors [N, D], with N at least 1.

        Args:
            vectors: The vectors.
            encoder: The encoder that made them.
            images: The image of each vector, the one image of all of them, or none. The reject class is
                stronger in an image that shows nothing.
        """
        plain = np.array([shows_nothing(image) for image in images] or [False], np.float32)
        added = np.float32(PLAIN_REJECT_LOGITS / encoder.logit_scale) * plain
        return cls(vectors, encoder.reject_similarities(vectors) + added)

    @property
    def nbytes(self) -> int:
        """Size of both arrays in bytes."""
        return self.vectors.nbytes + self.reject_similarities.nbytes


def resolve_view(view: View | None, encoder: DualEncoder) -> View:
    """Return the requested view, or the default of the encoder for None.

    Raises:
        InvalidRequest: The encoder does not offer the view; the message lists the views it offers.
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


def map_with_encoder(
    function: Callable[[T], R], items: Iterable[T], prompting: TextPrompting, pool: WorkerPool
) -> Iterator[R]:
    """Yield `function(item)` in order, computed by the pool if the encoder uses one core per call."""
    return (pool.map if prompting.single_threaded else map)(function, items)


def encode_in_batches(
    encode: Callable[[Sequence[T]], Floats], items: Sequence[T], prompting: TextPrompting, pool: WorkerPool
) -> Iterator[Floats]:
    """Yield `encode(batch)` for each batch of items, in order.

    Args:
        encode: Turns n items into vectors [n, D]; threads of the pool may call it concurrently.
        items: Images, or the regions from which views are cut.
        prompting: Gives the batch size of the encoder and whether batches run in parallel.
        pool: Runs batches in parallel.
    """
    return map_with_encoder(encode, batched(items, prompting.batch_size), prompting, pool)


def encode_region_views(
    rgb: Rgb,
    regions: Sequence[Region],
    encoder: DualEncoder,
    view: View,
    pool: WorkerPool,
    progress: Progress,
) -> ImageVectors:
    """Return the vectors [N, D] of the regions of an image in one view, in order."""
    vectors: list[Floats] = []
    for batch in _region_vectors(rgb, regions, encoder, view, pool):
        progress.check()
        before = sum(map(len, vectors))
        vectors.append(batch)
        _report(before, before + len(batch), len(regions), progress)
    if not vectors:
        return ImageVectors(np.zeros((0, 1), np.float32), np.zeros(0, np.float32))
    return ImageVectors.of(np.concatenate(vectors), encoder, [rgb])


def _region_vectors(
    rgb: Rgb, regions: Sequence[Region], encoder: DualEncoder, view: View, pool: WorkerPool
) -> Iterator[Floats]:
    """Yield vectors [n, D] of the regions: all from one forward pass, or crops in batches."""
    if not regions:
        return
    if view == ATTENTION_VIEW and isinstance(encoder, RegionEncoder):
        yield encoder.encode_regions(rgb, [low_res_mask(region) for region in regions])
        return
    yield from encode_in_batches(_view_encoder(rgb, encoder, view), regions, encoder.prompting, pool)


def _view_encoder(rgb: Rgb, encoder: DualEncoder, view: View) -> Callable[[Sequence[Region]], Floats]:
    """Return a function that encodes a batch of regions, with the scene vector if the encoder takes one."""

    def views(regions: Sequence[Region], cut: RegionView) -> list[Rgb]:
        return [cut(rgb, region) for region in regions]

    if not isinstance(encoder, SceneEncoder):
        return lambda regions: encoder.encode_images(views(regions, CROP_VIEWS[view]))
    scene = encoder.encode_scene(rgb)
    if view == TWICE_VIEW:
        return lambda regions: encoder.encode_two_views(
            views(regions, blur_view), views(regions, context_view), scene
        )
    return lambda regions: encoder.encode_crops(views(regions, CROP_VIEWS[view]), scene)


def _report(before: int, done: int, total: int, progress: Progress) -> None:
    """Report every tenth region and the last one; a batch may hold fewer than ten."""
    if done // REGIONS_PER_REPORT > before // REGIONS_PER_REPORT or done == total:
        progress.step("classify", done, total, f"classified {done}/{total}")
