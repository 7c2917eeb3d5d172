"""Runs the methods of the image-text encoder: zero-shot from labels, and few-shot from examples."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats
from domain.labels import Vocabulary
from domain.ports.models import DualEncoder
from services.labels.encode import ImageVectors
from services.labels.few_shot import FewShotHead, fit_few_shot_head
from services.labels.vectors import VocabularyEncoder, drop_naming_dims
from services.progress import Progress
from tools.compare.classifier import Targets
from tools.compare.cost import Cost, run_in_batches
from tools.compare.examples import LazyImages


@dataclass(frozen=True)
class EncodedImages:
    """The vectors of images from the encoder.

    Attributes:
        image_vectors: Vectors of N images.
        cost: Cost of computing them.
    """

    image_vectors: ImageVectors
    cost: Cost


class EncoderMethods:
    """The image-text encoder with the cost of its use; it keeps no state of a comparison.

    Args:
        encoder: Encodes images and texts.
        vocabulary_encoder: Encodes vocabularies with the prompts of the service.
    """

    def __init__(self, encoder: DualEncoder, vocabulary_encoder: VocabularyEncoder) -> None:
        self.encoder = encoder
        self._vocabulary_encoder = vocabulary_encoder

    def encode(self, images: LazyImages, stage: str, progress: Progress) -> EncodedImages:
        """Return the vectors of all images; the cost does not include reading and decoding them."""
        size = self.encoder.prompting.batch_size
        vectors, cost = run_in_batches(images, size, self.encoder.encode_images, stage, progress)
        with cost.running():
            image_vectors = ImageVectors.of(vectors, self.encoder)
        return EncodedImages(image_vectors, cost)

    def encode_labels(self, vocabulary: Vocabulary) -> Cost:
        """Encode the labels, so that `label_logits` finds them in the cache, and return the cost."""
        cost = Cost()
        with cost.running():
            self._vocabulary_encoder.of(vocabulary, self.encoder)
        return cost

    def label_logits(self, image_vectors: ImageVectors, vocabulary: Vocabulary) -> Floats:
        """Return the logits [N, L + 1] of the labels with the prompts of the service, reject class last."""
        label_vectors = self._vocabulary_encoder.of(vocabulary, self.encoder)
        return self._logits(image_vectors, label_vectors.similarities(image_vectors.vectors))

    def template_logits(self, image_vectors: ImageVectors, names: Sequence[str], template: str) -> Floats:
        """Return the logits [N, L + 1] of labels in one prompt template, which has one "{}"."""
        texts = self.encoder.encode_texts([template.format(name) for name in names])
        return self._logits(image_vectors, image_vectors.vectors @ texts.T)

    def few_shot_vectors(self, image_vectors: ImageVectors) -> Floats:
        """Return the unit vectors [N, d] of the images without the components used for naming only."""
        return drop_naming_dims(image_vectors.vectors, self.encoder.naming_dims)

    def _logits(self, image_vectors: ImageVectors, similarities: Floats) -> Floats:
        cosines = np.concatenate([similarities, image_vectors.reject_similarities[:, None]], axis=1)
        return np.asarray(self.encoder.logit_scale * cosines, np.float32)


@dataclass(frozen=True)
class FewShotClassifier:
    """A few-shot head, fitted as the service fits it for taught vocabularies.

    Attributes:
        head: Adds logits learnt from examples to those of the labels.
    """

    head: FewShotHead

    @classmethod
    def fit(cls, logits: Floats, vectors: Floats, targets: Targets) -> "FewShotClassifier":
        """Return a classifier fitted to M examples.

        Args:
            logits: Logits of the labels for each example, [M, L + 1], reject class last.
            vectors: Unit vectors of the examples, [M, d].
            targets: Label of each example, int64 [M].
        """
        return cls(fit_few_shot_head(logits, vectors, targets))

    @property
    def parameters(self) -> int:
        """Number of fitted parameters."""
        return self.head.weights.size

    def logits(self, logits: Floats, vectors: Floats) -> Floats:
        """Return corrected logits [N, L + 1], reject class last, of label logits of the same shape."""
        added_logits = self.head.added_logits(vectors, logits.shape[1] - 1)
        return np.concatenate([logits[:, :-1] + added_logits, logits[:, -1:]], axis=1)
