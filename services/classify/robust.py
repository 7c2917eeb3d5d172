"""Looks at a photograph in views that see through its damage."""

from dataclasses import dataclass

import numpy as np

from domain.ports.compute import WorkerPool
from domain.ports.models import DualEncoder
from services.classify.damage import ImageQuality
from services.classify.restore import restore_views
from services.images.photo import Photo
from services.labels.encode import ImageVectors, encode_in_batches
from services.progress import Progress


@dataclass(frozen=True)
class RobustImageVectors:
    """What an encoder sees in views of one photograph that see through its damage.

    Attributes:
        image_vectors: One for each view.
        quality: What is wrong with the photograph.
    """

    image_vectors: ImageVectors
    quality: ImageQuality

    @property
    def nbytes(self) -> int:
        """Bytes of the looks."""
        return self.image_vectors.nbytes


def encode_restored_views(
    photo: Photo, encoder: DualEncoder, pool: WorkerPool, progress: Progress
) -> RobustImageVectors:
    """What the encoder sees in the views; in the photograph alone where nothing is wrong with it."""
    with progress.stage("restore"):
        views = restore_views(photo.rgb(progress))
    with progress.stage("classify"):
        vectors = encode_in_batches(encoder.encode_images, views.images, encoder.prompting, pool)
        image_vectors = ImageVectors.of(np.concatenate([*vectors]), encoder)
    return RobustImageVectors(image_vectors, views.quality)
