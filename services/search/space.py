"""Pictures, regions and texts as vectors that may be compared with each other, of any kind with any kind."""

import numpy as np

from domain.arrays import Floats
from domain.labels import Label, Vocabulary
from domain.masks import FoundMasks
from domain.models import ModelInfo
from services.images.photo import Photo
from services.labels.encode import ImageVectors
from services.labels.service import LabelService
from services.progress import Progress


class EmbeddingSpace:
    """The labeller's space, without the numbers that are for naming only.

    The embedded encoder keeps two such numbers: they would make any two pictures half alike. For a text the
    order of pictures stays as it was, for in all of them that part has the same length.

    Args:
        labelling: Looks at pictures and reads texts.
    """

    def __init__(self, labelling: LabelService) -> None:
        self._labelling = labelling

    @property
    def model(self) -> ModelInfo:
        """Whose space it is.

        Raises:
            ModelUnavailable: As everything here does, when there is no labeller.
        """
        return self._labelling.labeller

    def text(self, text: str) -> Floats:
        """Unit vector [D] of a text, in the encoder's own templates."""
        vector: Floats = self._labelling.comparable_vectors(
            self._labelling.read(Vocabulary("query", (Label(text),)))
        )[0]
        return vector

    def image(self, photo: Photo, progress: Progress) -> Floats:
        """Unit vector [D] of the whole photograph."""
        vector: Floats = self._comparable_vectors(self._labelling.image_vectors(photo, progress))[0]
        return vector

    def regions(self, photo: Photo, found: FoundMasks, progress: Progress) -> Floats:
        """Unit vectors [N, D] of its regions, in order."""
        return self._comparable_vectors(self._labelling.region_vectors(photo, found, progress))

    def _comparable_vectors(self, image_vectors: ImageVectors) -> Floats:
        return (
            self._labelling.comparable_vectors(image_vectors.vectors)
            if len(image_vectors.vectors)
            else np.zeros((0, 0), np.float32)
        )
