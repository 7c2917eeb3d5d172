"""Zero-shot classification of whole pictures against any list of names (Radford et al. 2021, CLIP)."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np
from PIL import Image

from domain.arrays import Floats
from domain.labels import UNKNOWN_LABEL, LabelScore, Vocabulary
from domain.models import ModelInfo
from services.classify.chart import bar_chart
from services.classify.damage import ImageQuality
from services.images.photo import ImageInput, Photo, photo_from_image, rgb_from_image
from services.labels.confidence import LabelOptions, choose_label
from services.labels.service import LabelService
from services.progress import Progress
from services.vocabularies.library import Vocabularies

CHART_TOP_K = 5


@dataclass(frozen=True)
class ClassifierInputs:
    """Pictures and what they may be called.

    Attributes:
        photos: Any number.
        vocabulary: The names.
    """

    photos: tuple[Photo, ...]
    vocabulary: Vocabulary


@dataclass(frozen=True)
class Classification:
    """What one picture is.

    Attributes:
        label: The best name, or `unknown` where none fits.
        confidence: Its probability over the names plus the reject class, 0..1.
        scores: All names with their probabilities, best first.
        unknown: Probability that none of the names fits.
        plot: Bar chart as a PNG file; None where none was asked for.
        quality: What is wrong with the picture; None where nobody asked to see through it.
    """

    label: str
    confidence: float
    scores: tuple[LabelScore, ...]
    unknown: float
    plot: bytes | None = None
    quality: ImageQuality | None = None


@dataclass(frozen=True)
class ImagePrediction:
    """What a look at one picture gave.

    Attributes:
        probabilities: Probabilities [L + 1] of the names; that of the reject class stands last.
        quality: What is wrong with the picture; None where nobody asked to see through it.
    """

    probabilities: Floats
    quality: ImageQuality | None = None


class ZeroShotClassifier:
    """Says which of some names fits a picture best. Holds no request state: many threads share it.

    Args:
        labelling: Looks at pictures and compares them with names.
        vocabularies: Make names of what callers send; the default one is for those who send none.
        font: TrueType font of charts; None: DejaVu Sans.
    """

    def __init__(self, labelling: LabelService, vocabularies: Vocabularies, font: Path | None = None) -> None:
        self._labelling = labelling
        self._vocabularies = vocabularies
        self._font = font

    @property
    def labeller(self) -> ModelInfo:
        """Which model looks.

        Raises:
            ModelUnavailable: There is none.
        """
        return self._labelling.labeller

    @overload
    def classify(
        self, image: ImageInput, labels: Sequence[str] | None = None, plot: bool = False, robust: bool = False
    ) -> Classification: ...

    @overload
    def classify(
        self,
        image: Sequence[ImageInput],
        labels: Sequence[str] | None = None,
        plot: bool = False,
        robust: bool = False,
    ) -> list[Classification]: ...

    def classify(
        self,
        image: ImageInput | Sequence[ImageInput],
        labels: Sequence[str] | None = None,
        plot: bool = False,
        robust: bool = False,
    ) -> Classification | list[Classification]:
        """What a picture is, or each of several.

        Args:
            image: One picture, or a list of them.
            labels: The names; None takes the default vocabulary.
            plot: Whether to draw a bar chart of the best names.
            robust: Whether to see through blur, noise, blocks and darkness.

        Raises:
            InvalidRequest: A name cannot be used.
            ModelUnavailable: There is no labeller.
            ValueError: Something is no picture.
        """
        inputs = self.preprocess(image, labels)
        names = LabelOptions(inputs.vocabulary, top_k=len(inputs.vocabulary.labels))
        found = [
            self.classification(self.prediction(photo, inputs.vocabulary, robust, Progress()), names, plot)
            for photo in inputs.photos
        ]
        return found if isinstance(image, Sequence) else found[0]

    def preprocess(
        self, image: ImageInput | Sequence[ImageInput], labels: Sequence[str] | None = None
    ) -> ClassifierInputs:
        """Pictures as upright RGB arrays, names as a vocabulary.

        Raises:
            InvalidRequest: A name cannot be used.
            ValueError: Something is no picture.
        """
        images = image if isinstance(image, Sequence) else [image]
        vocabulary = self._vocabularies.resolve(labels, None)
        return ClassifierInputs(tuple(photo_from_image(picture) for picture in images), vocabulary)

    def predict(
        self, inputs: ClassifierInputs, progress: Progress | None = None, robust: bool = False
    ) -> Floats:
        """Probabilities [N, L + 1] of the names for each picture; that of the reject class stands last.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        progress = progress or Progress()
        rows = [np.zeros((0, len(inputs.vocabulary.labels) + 1), np.float32)]
        for done, photo in enumerate(inputs.photos, 1):
            rows.append(self.prediction(photo, inputs.vocabulary, robust, progress).probabilities[None])
            progress.step("classify", done, len(inputs.photos), f"classified {done}/{len(inputs.photos)}")
        return np.concatenate(rows)

    def prediction(
        self, photo: Photo, vocabulary: Vocabulary, robust: bool, progress: Progress
    ) -> ImagePrediction:
        """How probable the names are for one picture; if `robust`, averaged over views that restore it.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        if robust:
            return ImagePrediction(*self._labelling.robust_probabilities(photo, vocabulary, progress))
        return ImagePrediction(self._labelling.image_probabilities(photo, vocabulary, progress))

    def classification(
        self, prediction: ImagePrediction, options: LabelOptions, plot: bool
    ) -> Classification:
        """What a look says; `options.top_k` names are told, TOP of them drawn if `plot`."""
        naming = choose_label(prediction.probabilities, options)
        bars = [*naming.alternatives[:CHART_TOP_K], LabelScore(UNKNOWN_LABEL, naming.unknown)]
        bars.sort(key=lambda score: -score.confidence)
        chart = bar_chart(bars, self._font) if plot else None
        return Classification(
            naming.chosen.label,
            naming.chosen.confidence,
            naming.alternatives,
            naming.unknown,
            chart,
            prediction.quality,
        )

    def visualize(
        self,
        image: ImageInput,
        labels: Sequence[str],
        probs: Sequence[float] | Floats,
        top: int = CHART_TOP_K,
    ) -> Image.Image:
        """The picture beside a bar chart of its `top` most probable names.

        Args:
            image: The picture.
            labels: Names.
            probs: The probability of each; one more stands for `unknown`.
            top: How many bars.

        Raises:
            ValueError: Neither as many probabilities as names, nor one more.
        """
        if len(probs) not in (len(labels), len(labels) + 1):
            raise ValueError(f"expected {len(labels)} or {len(labels) + 1} probabilities, got {len(probs)}")
        scores = [
            LabelScore(name, float(share))
            for name, share in zip([*labels, UNKNOWN_LABEL], probs, strict=False)
        ]
        scores.sort(key=lambda score: -score.confidence)
        chart = Image.open(io.BytesIO(bar_chart(scores[:top], self._font))).convert("RGB")
        shown = Image.fromarray(rgb_from_image(image))
        shown.thumbnail((chart.width, max(chart.height, chart.width)))
        both = Image.new("RGB", (shown.width + chart.width, max(shown.height, chart.height)), "white")
        both.paste(shown, (0, 0))
        both.paste(chart, (shown.width, 0))
        return both
