"""Finds the regions that a concept prompt asks for, and labels them."""

from collections.abc import Sequence
from dataclasses import replace

from domain.labels import LabelPrediction, LabelScore
from services.concepts.examples import ExampleFinder, ExamplePrompt
from services.concepts.matches import ConceptMatches
from services.concepts.text import TextFinder, TextPrompt
from services.images.photo import Photo
from services.masks.options import MaskOptions, PointGrid, default_max_masks
from services.progress import Progress

ConceptPrompt = TextPrompt | ExamplePrompt


class ConceptFinder:
    """Finds all instances of phrases or of examples. It is stateless and shared by threads.

    Args:
        text: Finds the regions of phrases.
        examples: Finds the regions that are like examples.
    """

    def __init__(self, text: TextFinder, examples: ExampleFinder) -> None:
        self._text = text
        self._examples = examples

    def check(self, photo: Photo, prompt: ConceptPrompt) -> None:
        """Refuse examples that lie outside their image, before any work is done.

        Raises:
            InvalidRequest: An example lies outside; the message names its index.
        """
        if isinstance(prompt, ExamplePrompt):
            self._examples.check(photo, prompt)

    def find(
        self,
        photo: Photo,
        prompt: ConceptPrompt,
        masks: MaskOptions,
        least_confidence: float,
        progress: Progress,
    ) -> ConceptMatches:
        """Return the regions that match.

        Args:
            photo: The image.
            prompt: The phrases or the examples.
            masks: Options of the grid whose regions are searched. At most `max_masks` of them are returned,
                those of the highest confidence.
            least_confidence: Least confidence of a region that is returned, 0..1.
            progress: Receives the stages and steps, and ends the work when it is cancelled.

        Raises:
            ModelUnavailable: The segmenter or the labeller is not available.
            InvalidRequest: The segmenter finds nothing in the box of an example.
        """
        least = default_max_masks(masks.prompt.crops) if isinstance(masks.prompt, PointGrid) else 0
        searched = replace(masks, max_masks=max(masks.max_masks, least))
        if isinstance(prompt, TextPrompt):
            matches = self._text.find(photo, prompt, searched, progress)
        else:
            matches = self._examples.find(photo, prompt, searched, progress)
        return matches.best(masks.max_masks, least_confidence)


def phrase_predictions(prompt: TextPrompt, matches: ConceptMatches) -> Sequence[LabelPrediction]:
    """Return the prediction of each matched region, whose only label is the phrase that it matches."""
    phrases = [prompt.phrases[index] for index in matches.prompt_index]
    scores = [
        LabelScore(phrase.name, confidence, phrase.read_as)
        for phrase, confidence in zip(phrases, matches.confidence, strict=True)
    ]
    return [LabelPrediction(score, (score,), 1 - score.confidence) for score in scores]


def with_confidence(
    predictions: Sequence[LabelPrediction], matches: ConceptMatches
) -> Sequence[LabelPrediction]:
    """Return the predictions with the confidence of the matches in place of that of the chosen labels."""
    return [
        replace(prediction, chosen=replace(prediction.chosen, confidence=confidence))
        for prediction, confidence in zip(predictions, matches.confidence, strict=True)
    ]
