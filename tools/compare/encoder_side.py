"""The image-text model's side: one look at each photograph, then names."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats
from domain.labels import Vocabulary
from domain.ports.models import DualEncoder
from services.labels.encode import Looks
from services.labels.vectors import TextVectors, without_own_axes
from services.progress import Progress
from tools.compare.cost import Cost
from tools.compare.examples import Gallery
from tools.compare.seeing import show


@dataclass(frozen=True)
class Seen:
    """What the encoder made of photographs.

    Attributes:
        looks: Of N photographs.
        cost: What that took.
    """

    looks: Looks
    cost: Cost


class EncoderSide:
    """Holds no state of a comparison.

    Args:
        encoder: Looks at photographs and reads names.
        texts: Encoded vocabularies.
    """

    def __init__(self, encoder: DualEncoder, texts: TextVectors) -> None:
        self.encoder = encoder
        self._texts = texts

    def look(self, gallery: Gallery, stage: str, progress: Progress) -> Seen:
        """See all photographs of a gallery; reading and decoding them is not counted."""
        size = self.encoder.prompting.batch_size
        vectors, cost = show(gallery, size, self.encoder.encode_images, stage, progress)
        with cost.running():
            looks = Looks.of(vectors, self.encoder)
        return Seen(looks, cost)

    def read(self, vocabulary: Vocabulary) -> Cost:
        """Encode names; what that takes. `named` need not do so again."""
        cost = Cost()
        with cost.running():
            self._texts.of(vocabulary, self.encoder)
        return cost

    def named(self, looks: Looks, vocabulary: Vocabulary) -> Floats:
        """Logits [N, L + 1] of names as the service puts them; that of "none of these" stands last."""
        return self._logits(looks, self._texts.of(vocabulary, self.encoder).similarities(looks.vectors))

    def phrased(self, looks: Looks, names: Sequence[str], phrasing: str) -> Floats:
        """The same for names put in one phrasing, with one "{}"."""
        texts = self.encoder.encode_texts([phrasing.format(name) for name in names])
        return self._logits(looks, looks.vectors @ texts.T)

    def plain(self, looks: Looks) -> Floats:
        """Unit vectors [N, d] of what was seen, without what is for naming only."""
        return without_own_axes(looks.vectors, self.encoder.own_axes)

    def _logits(self, looks: Looks, similarities: Floats) -> Floats:
        cosines = np.concatenate([similarities, looks.rejects[:, None]], axis=1)
        return np.asarray(self.encoder.logit_scale * cosines, np.float32)
