"""Looks at a photograph in views that see through its damage."""

from dataclasses import dataclass

import numpy as np

from domain.ports.compute import WorkerPool
from domain.ports.models import DualEncoder
from services.classify.damage import Quality
from services.classify.restore import views_of
from services.images.photo import Photo
from services.labels.encode import Looks, in_batches
from services.progress import Progress


@dataclass(frozen=True)
class RobustLooks:
    """What an encoder sees in views of one photograph that see through its damage.

    Attributes:
        looks: One for each view.
        quality: What is wrong with the photograph.
    """

    looks: Looks
    quality: Quality

    @property
    def nbytes(self) -> int:
        """Bytes of the looks."""
        return self.looks.nbytes


def look_through_damage(
    photo: Photo, encoder: DualEncoder, pool: WorkerPool, progress: Progress
) -> RobustLooks:
    """What the encoder sees in the views; in the photograph alone where nothing is wrong with it."""
    with progress.stage("restore"):
        views = views_of(photo.rgb(progress))
    with progress.stage("classify"):
        seen = in_batches(encoder.encode_images, views.pictures, encoder.prompting, pool)
        looks = Looks.of(np.concatenate([*seen]), encoder)
    return RobustLooks(looks, views.quality)
