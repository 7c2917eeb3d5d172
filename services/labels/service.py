"""Names what was found, and keeps what the labeller saw: other names for the same regions cost little."""

import logging
from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from domain.arrays import Floats
from domain.errors import ModelUnavailable
from domain.labels import LabelPrediction, Vocabulary
from domain.masks import FoundMasks
from domain.models import ModelInfo, View
from domain.ports.compute import WorkerPool
from domain.ports.models import DualEncoder, ModelProvider
from domain.ports.stores import Cache
from services.classify.damage import ImageQuality
from services.classify.robust import RobustImageVectors, encode_restored_views
from services.images.photo import Photo
from services.labels.confidence import UNLABELLED, LabelOptions, label_probabilities, label_regions
from services.labels.encode import ImageVectors, encode_region_views, resolve_view
from services.labels.vectors import VocabularyEncoder, drop_naming_dims
from services.progress import Progress

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RegionLabels:
    """What the labeller made of the regions.

    Attributes:
        per_region: One for each region.
        labeller: Which model; None when none worked or none was asked.
        error: Why there are no names although they were asked for.
    """

    per_region: Sequence[LabelPrediction]
    labeller: ModelInfo | None = None
    error: str | None = None


class LabelService:
    """Names regions and whole photographs. Holds no request state: many threads share it.

    Args:
        labeller: Looks at them.
        vocabulary_encoder: Encoded vocabularies.
        image_vectors: Keeps what the labeller saw.
        pool: Looks at regions side by side.
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
        self._pool = pool
        self._image_vectors = image_vectors

    def check(self, options: LabelOptions | None) -> None:
        """Refuse a view before anything is computed; that there is no labeller is told with the masks.

        Raises:
            InvalidRequest: The labeller has no such view.
        """
        if options is not None and options.view is not None:
            with suppress(ModelUnavailable):
                resolve_view(options.view, self._labeller.get())

    def regions(
        self, photo: Photo, found: FoundMasks, options: LabelOptions | None, progress: Progress
    ) -> RegionLabels:
        """What the regions are called; nameless ones where nobody asked, or no labeller works."""
        unlabelled = [UNLABELLED] * len(found.regions)
        if options is None:
            return RegionLabels(unlabelled)
        try:
            encoder = self._labeller.get()
        except ModelUnavailable as error:
            logger.warning("no labeller, regions stay nameless: %s", error.message)
            return RegionLabels(unlabelled, error=error.message)
        image_vectors = self._cached_region_vectors(
            encoder, photo, found, resolve_view(options.view, encoder), progress
        )
        with progress.stage("classify"):
            return RegionLabels(
                label_regions(image_vectors, encoder, self._vocabulary_encoder, options, progress.check),
                encoder.info,
            )

    def image_probabilities(self, photo: Photo, vocabulary: Vocabulary, progress: Progress) -> Floats:
        """Probabilities [L + 1] of the names for the whole photograph; that of the reject class stands last.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        encoder = self._labeller.get()
        image_vectors = self.image_vectors(photo, progress)
        with progress.stage("classify"):
            row: Floats = label_probabilities(
                image_vectors, encoder, self._vocabulary_encoder, vocabulary, progress.check
            )[0]
        return row

    def robust_probabilities(
        self, photo: Photo, vocabulary: Vocabulary, progress: Progress
    ) -> tuple[Floats, ImageQuality]:
        """The same averaged over views that see through damage, and what is damaged.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        encoder = self._labeller.get()
        robust = self._robust_vectors(encoder, photo, progress)
        with progress.stage("classify"):
            row: Floats = label_probabilities(
                robust.image_vectors, encoder, self._vocabulary_encoder, vocabulary, progress.check
            ).mean(axis=0)
        return row, robust.quality

    def region_vectors(self, photo: Photo, found: FoundMasks, progress: Progress) -> ImageVectors:
        """What the labeller sees in the regions, in the view that suits it.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        encoder = self._labeller.get()
        return self._cached_region_vectors(encoder, photo, found, resolve_view(None, encoder), progress)

    def image_vectors(self, photo: Photo, progress: Progress) -> ImageVectors:
        """What the labeller sees in the whole photograph.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        encoder = self._labeller.get()

        def compute() -> ImageVectors:
            with progress.stage("classify"):
                return ImageVectors.of(encoder.encode_images([photo.rgb(progress)]), encoder)

        return self._image_vectors.get_or_compute(
            _key(encoder, "picture", photo.key), compute, progress.check
        )

    def comparable_vectors(self, vectors: Floats) -> Floats:
        """Vectors [N, D] of pictures or texts without what is for naming only: unit vectors [N, d].

        Raises:
            ModelUnavailable: There is no labeller.
        """
        return drop_naming_dims(vectors, self._labeller.get().naming_dims)

    def read(self, vocabulary: Vocabulary) -> Floats:
        """What the labeller makes of the texts of a vocabulary: unit vectors [T, D].

        Raises:
            ModelUnavailable: There is no labeller.
        """
        return self._vocabulary_encoder.of(vocabulary, self._labeller.get()).vectors

    def _robust_vectors(self, encoder: DualEncoder, photo: Photo, progress: Progress) -> RobustImageVectors:
        def compute() -> RobustImageVectors:
            return encode_restored_views(photo, encoder, self._pool, progress)

        return self._image_vectors.get_or_compute(_key(encoder, "robust", photo.key), compute, progress.check)

    def _cached_region_vectors(
        self, encoder: DualEncoder, photo: Photo, found: FoundMasks, view: View, progress: Progress
    ) -> ImageVectors:
        def compute() -> ImageVectors:
            with progress.stage("classify"):
                return encode_region_views(
                    photo.rgb(progress), found.regions, encoder, view, self._pool, progress
                )

        return self._image_vectors.get_or_compute(_key(encoder, view, found.key), compute, progress.check)

    @property
    def labeller(self) -> ModelInfo:
        """Which model names.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        return self._labeller.get().info


def _key(encoder: DualEncoder, view: str, what: Hashable) -> Hashable:
    return "looks", encoder.info.sha256, view, what
