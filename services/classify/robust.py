"""Encode a damaged image in several restored views, so that it can be classified in spite of the damage."""

from dataclasses import dataclass

import numpy as np

from domain.ports.compute import WorkerPool
from domain.ports.models import DualEncoder, ModelProvider
from domain.ports.stores import Cache
from services.classify.damage import ImageQuality
from services.classify.restore import restore_views
from services.images.photo import Photo
from services.labels.encode import ImageVectors, encode_in_batches
from services.progress import Progress


@dataclass(frozen=True)
class RestoredImageVectors:
    """Vectors of the restored views of one image.

    Attributes:
        image_vectors: One vector for each view.
        quality: The measured damage of the image.
    """

    image_vectors: ImageVectors
    quality: ImageQuality

    @property
    def nbytes(self) -> int:
        """Size of the vectors in bytes."""
        return self.image_vectors.nbytes


class RobustEncoder:
    """Encodes images in restored views. It is stateless and shared by threads.

    Args:
        labeller: The model that encodes images.
        image_vectors: Caches the vectors.
        pool: Encodes batches of views in parallel.
    """

    def __init__(self, labeller: ModelProvider[DualEncoder], image_vectors: Cache, pool: WorkerPool) -> None:
        self._labeller = labeller
        self._image_vectors = image_vectors
        self._pool = pool

    def encode(self, photo: Photo, progress: Progress) -> RestoredImageVectors:
        """Return the vectors of the restored views of an image, cached by the image.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        encoder = self._labeller.get()
        return self._image_vectors.get_or_compute(
            ("restored_views", encoder.info.sha256, photo.key),
            lambda: encode_restored_views(photo, encoder, self._pool, progress),
            progress.check,
        )


def encode_restored_views(
    photo: Photo, encoder: DualEncoder, pool: WorkerPool, progress: Progress
) -> RestoredImageVectors:
    """Return the vectors of the restored views; an undamaged image has one view, itself."""
    with progress.stage("restore"):
        views = restore_views(photo.rgb(progress))
    with progress.stage("classify"):
        vectors = encode_in_batches(encoder.encode_images, views.images, encoder.prompting, pool)
        image_vectors = ImageVectors.of(np.concatenate([*vectors]), encoder, [photo.rgb(progress)])
    return RestoredImageVectors(image_vectors, views.quality)
