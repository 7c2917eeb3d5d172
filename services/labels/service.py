"""Label the regions of an image, or the whole image, and cache its vectors for further vocabularies."""

import logging
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from domain.arrays import Floats
from domain.errors import ModelUnavailable
from domain.labels import LabelPrediction, Vocabulary
from domain.masks import FoundMasks
from domain.models import ModelInfo, View
from domain.ports.compute import WorkerPool
from domain.ports.models import DualEncoder, ModelProvider
from domain.ports.stores import Cache
from services.images.photo import Photo
from services.labels.confidence import UNLABELLED, LabelOptions, label_probabilities, label_regions
from services.labels.encode import ImageVectors, encode_region_views, resolve_view
from services.labels.vectors import VocabularyEncoder
from services.progress import Progress

logger = logging.getLogger(__name__)

WHOLE_IMAGE = "image"
"""Takes the place of the view in the cache key of a whole image."""


@dataclass(frozen=True)
class RegionLabels:
    """Labels of the regions of an image.

    Attributes:
        per_region: One prediction for each region, in order.
        labeller: The model that labelled; None when labels were not requested or no labeller is available.
        error: The reason why there are no labels although they were requested.
        vocabulary: The labels to choose from; None where no labels were requested.
    """

    per_region: Sequence[LabelPrediction]
    labeller: ModelInfo | None = None
    error: str | None = None
    vocabulary: Vocabulary | None = None


class LabelService:
    """Labels regions and whole images. It is stateless and shared by threads.

    Args:
        labeller: The model that encodes images and texts.
        vocabulary_encoder: Encodes vocabularies and caches their vectors.
        image_vectors: Caches the vectors of images and regions.
        pool: Encodes batches of regions in parallel.
    """

    def __init__(
        self,
        labeller: ModelProvider[DualEncoder],
        vocabulary_encoder: VocabularyEncoder,
        image_vectors: Cache,
        pool: WorkerPool,
    ) -> None:
        self._labeller = labeller
        self._vocabulary_encoder = vocabulary_encoder
        self._image_vectors = image_vectors
        self._pool = pool

    @property
    def labeller(self) -> ModelInfo:
        """Name and hash of the model that labels.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        return self._labeller.get().info

    def check(self, options: LabelOptions | None) -> None:
        """Refuse an unknown view before anything is computed; a missing labeller is not an error here.

        Raises:
            InvalidRequest: The labeller does not offer the view.
        """
        if options is not None and options.view is not None:
            with suppress(ModelUnavailable):
                resolve_view(options.view, self._labeller.get())

    def label_regions(
        self, photo: Photo, found: FoundMasks, options: LabelOptions | None, progress: Progress
    ) -> RegionLabels:
        """Label the regions; they stay unlabelled where `options` is None or no labeller is available."""
        unlabelled = [UNLABELLED] * len(found.regions)
        if options is None:
            return RegionLabels(unlabelled)
        try:
            encoder = self._labeller.get()
        except ModelUnavailable as error:
            logger.warning("the labeller is unavailable, so regions stay without labels: %s", error.message)
            return RegionLabels(unlabelled, error=error.message, vocabulary=options.vocabulary)
        view = resolve_view(options.view, encoder)
        shown = _without_empty_regions(found)
        image_vectors = self._cached_region_vectors(encoder, photo, shown, view, progress)
        with progress.stage("classify"):
            predictions = iter(
                label_regions(image_vectors, encoder, self._vocabulary_encoder, options, progress.check)
            )
        per_region = [next(predictions) if region.area else UNLABELLED for region in found.regions]
        return RegionLabels(per_region, encoder.info, vocabulary=options.vocabulary)

    def image_probabilities(self, photo: Photo, vocabulary: Vocabulary, progress: Progress) -> Floats:
        """Return the probabilities [L + 1] of the labels and, last, the reject class for the whole image.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        row: Floats = self.probabilities(self.image_vectors(photo, progress), vocabulary, progress)[0]
        return row

    def probabilities(
        self, image_vectors: ImageVectors, vocabulary: Vocabulary, progress: Progress
    ) -> Floats:
        """Return the probabilities [N, L + 1] of the labels and, last, the reject class for N vectors.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        encoder = self._labeller.get()
        with progress.stage("classify"):
            return label_probabilities(
                image_vectors, encoder, self._vocabulary_encoder, vocabulary, progress.check
            )

    def image_vectors(self, photo: Photo, progress: Progress) -> ImageVectors:
        """Return the vector [1, D] of the whole image.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        encoder = self._labeller.get()

        def encode() -> ImageVectors:
            vectors = encoder.encode_images([photo.rgb(progress)])
            return ImageVectors.of(vectors, encoder, [photo.shows_nothing(progress)])

        return self._cached(encoder, WHOLE_IMAGE, photo.key, encode, progress)

    def region_vectors(
        self, photo: Photo, found: FoundMasks, progress: Progress, view: View | None = None
    ) -> ImageVectors:
        """Return the vectors [N, D] of the regions in a view; None is the default of the labeller.

        Raises:
            InvalidRequest: The labeller does not offer the view.
            ModelUnavailable: There is no labeller.
        """
        encoder = self._labeller.get()
        return self._cached_region_vectors(encoder, photo, found, resolve_view(view, encoder), progress)

    def _cached_region_vectors(
        self, encoder: DualEncoder, photo: Photo, found: FoundMasks, view: View, progress: Progress
    ) -> ImageVectors:
        def encode() -> ImageVectors:
            rgb, plain = photo.rgb(progress), photo.shows_nothing(progress)
            return encode_region_views(rgb, found.regions, encoder, view, self._pool, progress, plain)

        return self._cached(encoder, view, found.key, encode, progress)

    def _cached(
        self,
        encoder: DualEncoder,
        view: str,
        key: Hashable,
        encode: Callable[[], ImageVectors],
        progress: Progress,
    ) -> ImageVectors:
        """Return the cached vectors for a view of an image or of its regions; encode them on a miss."""

        def compute() -> ImageVectors:
            with progress.stage("classify"):
                return encode()

        key = "image_vectors", encoder.info.sha256, view, key
        return self._image_vectors.get_or_compute(key, compute, progress.check)


def _without_empty_regions(found: FoundMasks) -> FoundMasks:
    """Return the regions that have pixels; those without, of prompts that have no mask, cannot be shown."""
    regions = tuple(region for region in found.regions if region.area)
    return found if len(regions) == len(found.regions) else replace(found, regions=regions)
