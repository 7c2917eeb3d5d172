"""The image-text model taught by examples: what they look like corrects what the names say."""

from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats
from services.labels.few_shot import Head, fit
from tools.compare.classifier import Targets


@dataclass(frozen=True)
class Taught:
    """A few-shot head as the service fits it for taught vocabularies.

    Attributes:
        head: What examples add to the logits of names.
    """

    head: Head

    @classmethod
    def by(cls, logits: Floats, vectors: Floats, targets: Targets) -> "Taught":
        """A head fitted to examples.

        Args:
            logits: Of the names for each example, [M, L + 1]; that of the reject class stands last.
            vectors: Of the examples, unit length, [M, D].
            targets: The name of each, [M].
        """
        return cls(fit(logits, vectors, targets))

    @property
    def parameters(self) -> int:
        """How many numbers were fitted."""
        return self.head.weights.size

    def logits(self, logits: Floats, vectors: Floats) -> Floats:
        """Of the names and the reject class, [N, L + 1], corrected."""
        extra = self.head.extra(vectors, logits.shape[1] - 1)
        return np.concatenate([logits[:, :-1] + extra, logits[:, -1:]], axis=1)
