"""Zero-shot classification of whole images against any list of labels (Radford et al. 2021, CLIP)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from domain.arrays import Floats
from domain.labels import UNKNOWN_LABEL, LabelScore, Vocabulary
from domain.models import ModelInfo
from services.classify.chart import bar_chart
from services.classify.damage import ImageQuality
from services.classify.robust import RobustEncoder
from services.images.photo import ImageInput, Photo, photo_from_image
from services.labels.confidence import LabelOptions, choose_label
from services.labels.service import LabelService
from services.progress import Progress
from services.vocabularies.library import Vocabularies

CHART_TOP_K = 5


@dataclass(frozen=True, kw_only=True)
class Classification:
    """The classification of one image.

    Attributes:
        label: The best label, or `unknown` where none fits.
        confidence: Its probability over the labels plus the reject class, 0..1.
        scores: The labels with their probabilities, best first.
        unknown: The probability of the reject class.
        read_as: English text that the text tower read instead of the label; None where it read the label.
        plot: A bar chart as a PNG file; None where none was requested.
        quality: The measured damage of the image; None where `robust` was not requested.
    """

    label: str
    confidence: float
    scores: tuple[LabelScore, ...]
    unknown: float
    read_as: str | None = None
    plot: bytes | None = None
    quality: ImageQuality | None = None


@dataclass(frozen=True)
class ImagePrediction:
    """Probabilities of the labels for one image.

    Attributes:
        probabilities: float32 [L + 1], of the L labels and, last, of the reject class.
        quality: The measured damage of the image; None where `robust` was not requested.
    """

    probabilities: Floats
    quality: ImageQuality | None = None


class ZeroShotClassifier:
    """Classifies images against labels that the caller chooses. It is stateless and shared by threads.

    Args:
        labels: Encodes images and compares them with vocabularies.
        robust_encoder: Encodes images in restored views.
        vocabularies: Turns the caller's labels into a vocabulary and provides the default one.
        font: TrueType font of charts; None uses DejaVu Sans.
    """

    def __init__(
        self,
        labels: LabelService,
        robust_encoder: RobustEncoder,
        vocabularies: Vocabularies,
        font: Path | None = None,
    ) -> None:
        self._labels = labels
        self._robust_encoder = robust_encoder
        self._vocabularies = vocabularies
        self._font = font

    @property
    def labeller(self) -> ModelInfo:
        """Name and hash of the model that classifies.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        return self._labels.labeller

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
        """Classify one image, or each image of a list.

        Args:
            image: One image, or a list of images.
            labels: The labels; None uses the default vocabulary.
            plot: Draw a bar chart of the best labels.
            robust: Average over restored views of blurred, noisy, blocky or dark images.

        Raises:
            InvalidRequest: A label cannot be used.
            ModelUnavailable: There is no labeller.
            ValueError: An input is not an image.
        """
        vocabulary = self._vocabularies.resolve(labels, None)
        photos = [photo_from_image(one) for one in (image if isinstance(image, Sequence) else [image])]
        options = LabelOptions(vocabulary, top_k=len(vocabulary.labels))
        found = [
            self.classification(self.prediction(photo, vocabulary, robust, Progress()), options, plot)
            for photo in photos
        ]
        return found if isinstance(image, Sequence) else found[0]

    def prediction(
        self, photo: Photo, vocabulary: Vocabulary, robust: bool, progress: Progress
    ) -> ImagePrediction:
        """Return the probabilities of the labels for one image; `robust` averages over restored views.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        if not robust:
            return ImagePrediction(self._labels.image_probabilities(photo, vocabulary, progress))
        restored = self._robust_encoder.encode(photo, progress)
        probabilities = self._labels.probabilities(restored.image_vectors, vocabulary, progress)
        return ImagePrediction(probabilities.mean(axis=0), restored.quality)

    def classification(
        self, prediction: ImagePrediction, options: LabelOptions, plot: bool
    ) -> Classification:
        """Choose the best `options.top_k` labels; `plot` draws at most CHART_TOP_K of them and `unknown`."""
        labelled = choose_label(prediction.probabilities, options)
        bars = [*labelled.alternatives[:CHART_TOP_K], LabelScore(UNKNOWN_LABEL, labelled.unknown)]
        bars.sort(key=lambda score: -score.confidence)
        return Classification(
            label=labelled.chosen.label,
            confidence=labelled.chosen.confidence,
            scores=labelled.alternatives,
            unknown=labelled.unknown,
            read_as=labelled.chosen.read_as,
            plot=bar_chart(bars, self._font) if plot else None,
            quality=prediction.quality,
        )
