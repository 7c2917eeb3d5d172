"""Finds the regions that phrases are about.

Each phrase competes alone with the names of a vocabulary, with stuff and with the reject class of the
labeller, so its answer does not depend on the other phrases of a call.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np

from domain.arrays import Floats
from domain.labels import Label, Vocabulary
from domain.ports.models import DualEncoder, ModelProvider
from services.concepts.choose import Relations, choose_matches
from services.concepts.matches import ConceptMatches
from services.concepts.rivals import rivals_of, synonyms
from services.images.photo import Photo
from services.labels.encode import ImageVectors
from services.labels.service import LabelService
from services.labels.vectors import VocabularyEncoder
from services.masks.find import MaskFinder
from services.masks.options import MaskOptions
from services.progress import Progress


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
        matches: list[tuple[int, int, float]] = []
        if found.regions:
            regions = self._labels.region_vectors(photo, found, progress)
            scene = self._labels.image_vectors(photo, progress)
            with progress.stage("choose"):
                seen = ImageVectors(
                    np.concatenate([regions.vectors, scene.vectors]),
                    np.concatenate([regions.reject_similarities, scene.reject_similarities]),
                )
                rivals = rivals_of(prompt.others)
                relations = Relations.of(found.regions)
                for place, phrase in enumerate(prompt.phrases):
                    log_odds = self._log_odds(phrase, rivals, seen, encoder, progress)
                    chosen = choose_matches(relations, log_odds[:-1], float(log_odds[-1]))
                    matches += [(place, index, confidence) for index, confidence in chosen]
        return ConceptMatches(
            replace(
                found,
                key=("text", found.key, encoder.info.sha256, prompt.key),
                regions=tuple(found.regions[index] for _, index, _ in matches),
            ),
            tuple(place for place, _, _ in matches),
            tuple(confidence for _, _, confidence in matches),
        )

    def _log_odds(
        self,
        phrase: Label,
        rivals: Vocabulary,
        seen: ImageVectors,
        encoder: DualEncoder,
        progress: Progress,
    ) -> Floats:
        """Return the logarithm of the odds of the phrase for each of N images, float32 [N]."""
        texts = self._vocabulary_encoder
        asked = texts.of(Vocabulary("phrase", (replace(phrase, examples=()),)), encoder, progress.check)
        known = texts.of(rivals, encoder, progress.check)
        others = known.similarities(seen.vectors)
        others[:, synonyms(phrase, asked, rivals, known, encoder.naming_dims)] = -np.inf
        against = encoder.logit_scale * np.concatenate([others, seen.reject_similarities[:, None]], axis=1)
        odds: Floats = encoder.logit_scale * asked.similarities(seen.vectors)[:, 0] - np.logaddexp.reduce(
            against, axis=1
        )
        return odds
