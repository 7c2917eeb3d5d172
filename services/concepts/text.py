"""Finds the regions that phrases are about."""

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from domain.labels import Label, Vocabulary
from domain.ports.models import DualEncoder, ModelProvider
from services.concepts.matches import ConceptMatches
from services.images.photo import Photo
from services.labels.confidence import softmax_with_reject
from services.labels.encode import ImageVectors
from services.labels.service import LabelService
from services.labels.vectors import LabelVectors, VocabularyEncoder, drop_naming_dims
from services.masks.find import MaskFinder
from services.masks.options import MaskOptions
from services.progress import Progress

LEAST_CONFIDENCE = 0.5
"""Least probability of a phrase for a region that is answered."""

SYNONYM_COSINE = 0.7
"""Cosine of two texts, less the mean of the vocabulary, from which on they mean the same."""


@dataclass(frozen=True)
class TextPrompt:
    """Phrases to find in an image.

    Attributes:
        phrases: The phrases, at least one; equal ones are allowed.
        others: Names of other things that the phrases compete with.
    """

    phrases: tuple[Label, ...]
    others: Vocabulary

    @property
    def texts(self) -> tuple[str, ...]:
        """The phrases as they were sent."""
        return tuple(phrase.name for phrase in self.phrases)

    @property
    def key(self) -> Hashable:
        """Cache key, equal for prompts that the text tower reads alike."""
        return tuple(phrase.texts for phrase in self.phrases), self.others.labels


class TextFinder:
    """Finds the regions that phrases are about. It is stateless and shared by threads.

    Args:
        finder: Finds the regions.
        labels: Encodes them.
        labeller: Encodes texts, and knows the reject class.
        vocabulary_encoder: Encodes vocabularies and caches their vectors.
    """

    def __init__(
        self,
        finder: MaskFinder,
        labels: LabelService,
        labeller: ModelProvider[DualEncoder],
        vocabulary_encoder: VocabularyEncoder,
    ) -> None:
        self._finder = finder
        self._labels = labels
        self._labeller = labeller
        self._vocabulary_encoder = vocabulary_encoder

    def find(
        self, photo: Photo, prompt: TextPrompt, masks: MaskOptions, progress: Progress
    ) -> ConceptMatches:
        """Return the regions of each phrase; none where the image does not show it.

        The answer for a phrase does not depend on the other phrases.

        Args:
            photo: The image.
            prompt: The phrases.
            masks: Options of the search for regions, whose prompt is a grid.
            progress: Receives the stages and steps, and ends the work when it is cancelled.

        Raises:
            ModelUnavailable: The segmenter or the labeller is not available.
        """
        encoder = self._labeller.get()
        found = self._finder.find(photo, masks, progress)
        vectors = self._labels.region_vectors(photo, found, progress)
        with progress.stage("choose"):
            others = self._vocabulary_encoder.of(prompt.others, encoder, progress.check)
            matches = [
                (place, int(index), float(confidence[index]))
                for place, phrase in enumerate(prompt.phrases)
                for confidence in [self._confidence(phrase, others, vectors, encoder, progress)]
                for index in np.argsort(-confidence, kind="stable")
                if confidence[index] >= LEAST_CONFIDENCE
            ]
        regions = tuple(found.regions[index] for _, index, _ in matches)
        return ConceptMatches(
            replace(found, key=("text", found.key, encoder.info.sha256, prompt.key), regions=regions),
            tuple(place for place, _, _ in matches),
            tuple(confidence for _, _, confidence in matches),
        )

    def _confidence(
        self,
        phrase: Label,
        others: LabelVectors,
        image_vectors: ImageVectors,
        encoder: DualEncoder,
        progress: Progress,
    ) -> NDArray[np.float32]:
        """Return the probability [N] of the phrase for each of N regions."""
        if not len(image_vectors.vectors):
            return np.zeros(0, np.float32)
        known = self._vocabulary_encoder.of(Vocabulary("phrase", (phrase,)), encoder, progress.check)
        rivals = ~_synonyms(known, others, encoder.naming_dims)
        similarities: Floats = np.concatenate(
            [
                known.similarities(image_vectors.vectors),
                others.similarities(image_vectors.vectors)[:, rivals],
            ],
            axis=1,
        )
        return softmax_with_reject(similarities, image_vectors.reject_similarities, encoder.logit_scale)[:, 0]


def _synonyms(known: LabelVectors, others: LabelVectors, naming_dims: int) -> NDArray[np.bool_]:
    """Return for each of L labels of `others` whether it means the same as the label of `known`."""
    plain = drop_naming_dims(others.vectors, naming_dims)
    mean = plain.mean(axis=0)
    cosines = _unit(drop_naming_dims(known.vectors, naming_dims) - mean) @ _unit(plain - mean).T
    found = np.zeros(int(others.owner[-1]) + 1, np.bool_)
    np.logical_or.at(found, others.owner, cosines.max(axis=0) >= SYNONYM_COSINE)
    return found


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit
