"""Embed images, regions and texts as unit vectors that can be compared with each other."""

import numpy as np

from domain.arrays import Floats
from domain.labels import Label, Vocabulary
from domain.masks import FoundMasks
from domain.models import ModelInfo
from domain.ports.models import DualEncoder, ModelProvider
from services.images.content import shows_nothing
from services.images.photo import Photo
from services.labels.encode import ImageVectors
from services.labels.service import LabelService
from services.labels.vectors import VocabularyEncoder, drop_naming_dims
from services.progress import Progress


class EmbeddingSpace:
    """The space of the labeller without the components that serve labelling only.

    The lite labeller has two such components, which would make any two images half alike. They do not change
    the ranking of images for a text, because they have the same length in every image vector.

    Args:
        labeller: The model whose space it is.
        labels: Encodes images and regions.
        vocabulary_encoder: Encodes texts.
    """

    def __init__(
        self,
        labeller: ModelProvider[DualEncoder],
        labels: LabelService,
        vocabulary_encoder: VocabularyEncoder,
    ) -> None:
        self._labeller = labeller
        self._labels = labels
        self._vocabulary_encoder = vocabulary_encoder

    @property
    def model(self) -> ModelInfo:
        """Name and hash of the model whose space it is.

        Raises:
            ModelUnavailable: There is no labeller; every method raises it then.
        """
        return self._labeller.get().info

    def text(self, text: str) -> Floats:
        """Return the unit vector [D] of a text in the templates of the encoder."""
        encoder = self._labeller.get()
        vectors = self._vocabulary_encoder.of(Vocabulary("query", (Label(text),)), encoder).vectors
        vector: Floats = drop_naming_dims(vectors, encoder.naming_dims)[0]
        return vector

    def image(self, photo: Photo, progress: Progress) -> Floats:
        """Return the unit vector [D] of the whole image, or zeros if it shows nothing: it is like nothing."""
        vector: Floats = self._comparable(self._labels.image_vectors(photo, progress))[0]
        return np.zeros_like(vector) if shows_nothing(photo.rgb(progress)) else vector

    def regions(self, photo: Photo, found: FoundMasks, progress: Progress) -> Floats:
        """Return the unit vectors [N, D] of the regions of an image, in order."""
        return self._comparable(self._labels.region_vectors(photo, found, progress))

    def _comparable(self, image_vectors: ImageVectors) -> Floats:
        if not len(image_vectors.vectors):
            return np.zeros((0, 0), np.float32)
        return drop_naming_dims(image_vectors.vectors, self._labeller.get().naming_dims)
