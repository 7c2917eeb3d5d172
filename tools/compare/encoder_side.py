"""The image-text model's side: one look at each photograph, then names."""

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
    """What the encoder made of photographs.

    Attributes:
        image_vectors: Of N photographs.
        cost: What that took.
    """

    image_vectors: ImageVectors
    cost: Cost


class EncoderMethods:
    """Holds no state of a comparison.

    Args:
        encoder: Looks at photographs and reads names.
        texts: Encoded vocabularies.
    """

    def __init__(self, encoder: DualEncoder, texts: VocabularyEncoder) -> None:
        self.encoder = encoder
        self._vocabulary_encoder = texts

    def look(self, gallery: LazyImages, stage: str, progress: Progress) -> EncodedImages:
        """See all photographs of a gallery; reading and decoding them is not counted."""
        size = self.encoder.prompting.batch_size
        vectors, cost = run_in_batches(gallery, size, self.encoder.encode_images, stage, progress)
        with cost.running():
            image_vectors = ImageVectors.of(vectors, self.encoder)
        return EncodedImages(image_vectors, cost)

    def read(self, vocabulary: Vocabulary) -> Cost:
        """Encode names; what that takes. `named` need not do so again."""
        cost = Cost()
        with cost.running():
            self._vocabulary_encoder.of(vocabulary, self.encoder)
        return cost

    def named(self, image_vectors: ImageVectors, vocabulary: Vocabulary) -> Floats:
        """Logits [N, L + 1] of names as the service puts them; that of "none of these" stands last."""
        return self._logits(
            image_vectors,
            self._vocabulary_encoder.of(vocabulary, self.encoder).similarities(image_vectors.vectors),
        )

    def phrased(self, image_vectors: ImageVectors, names: Sequence[str], phrasing: str) -> Floats:
        """The same for names put in one phrasing, with one "{}"."""
        texts = self.encoder.encode_texts([phrasing.format(name) for name in names])
        return self._logits(image_vectors, image_vectors.vectors @ texts.T)

    def plain(self, image_vectors: ImageVectors) -> Floats:
        """Unit vectors [N, d] of what was seen, without what is for naming only."""
        return drop_naming_dims(image_vectors.vectors, self.encoder.naming_dims)

    def _logits(self, image_vectors: ImageVectors, similarities: Floats) -> Floats:
        cosines = np.concatenate([similarities, image_vectors.reject_similarities[:, None]], axis=1)
        return np.asarray(self.encoder.logit_scale * cosines, np.float32)


@dataclass(frozen=True)
class FewShotClassifier:
    """A few-shot head as the service fits it for taught vocabularies.

    Attributes:
        head: What examples add to the logits of names.
    """

    head: FewShotHead

    @classmethod
    def by(cls, logits: Floats, vectors: Floats, targets: Targets) -> "FewShotClassifier":
        """A head fitted to examples.

        Args:
            logits: Of the names for each example, [M, L + 1]; that of the reject class stands last.
            vectors: Of the examples, unit length, [M, D].
            targets: The name of each, [M].
        """
        return cls(fit_few_shot_head(logits, vectors, targets))

    @property
    def parameters(self) -> int:
        """How many numbers were fitted."""
        return self.head.weights.size

    def logits(self, logits: Floats, vectors: Floats) -> Floats:
        """Of the names and the reject class, [N, L + 1], corrected."""
        added_logits = self.head.added_logits(vectors, logits.shape[1] - 1)
        return np.concatenate([logits[:, :-1] + added_logits, logits[:, -1:]], axis=1)
