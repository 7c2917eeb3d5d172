"""Defines the result of a comparison."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from domain.models import ModelInfo
from tools.categorize.types import FileProblem
from tools.compare import measures
from tools.compare.classifier import NetworkInfo, Targets
from tools.compare.cost import Cost

Side = Literal["cnn", "encoder"]
"""The model behind a method: the convolutional network or the image-text encoder."""

TOP_K = 5


@dataclass(frozen=True)
class MethodResult:
    """The predictions of one method for all T test images.

    Attributes:
        name: Name of the method, e.g. "zero-shot".
        side: The model behind it.
        probabilities: Probabilities of the classes, [T, C].
        targets: True classes, int64 [T].
        examples: Number of labelled images used for training.
        parameters: Number of fitted parameters.
        training: Cost of the training, encoding the labels and the examples included.
        inference: Cost of predicting all test images, without decoding them.
    """

    name: str
    side: Side
    probabilities: Floats
    targets: Targets
    examples: int
    parameters: int
    training: Cost
    inference: Cost

    @cached_property
    def correct(self) -> NDArray[np.bool_]:
        """Correctness of each prediction, bool [T]."""
        return measures.is_correct(self.probabilities, self.targets)

    @property
    def accuracy(self) -> float:
        """Share of correct predictions."""
        return float(self.correct.mean())

    @property
    def top5_accuracy(self) -> float:
        """Share of test images whose class is among the five most probable ones."""
        return measures.top_k_accuracy(self.probabilities, self.targets, TOP_K)

    @cached_property
    def class_accuracy(self) -> NDArray[np.float64]:
        """Share of correct predictions for each class, float64 [C]."""
        return measures.class_accuracy(self.probabilities, self.targets)

    @cached_property
    def confusion_matrix(self) -> NDArray[np.int64]:
        """Number of times each class (row) is predicted as each class (column), int64 [C, C]."""
        return measures.confusion_matrix(self.probabilities, self.targets)

    @cached_property
    def reliability(self) -> measures.Reliability:
        """Accuracy by confidence."""
        return measures.reliability(self.probabilities, self.targets)

    @property
    def mean_confidence(self) -> float:
        """Mean probability of the predicted classes."""
        return float(self.probabilities.max(axis=1).mean())

    @property
    def cost_per_image(self) -> Cost:
        """Cost of predicting one image."""
        return self.inference.times(1 / len(self.targets))


@dataclass(frozen=True)
class CurvePoint:
    """The accuracy on the test images after training on a few examples per class.

    Attributes:
        side: The model that was trained.
        shots: Number of examples per class; a class with fewer has all of its own.
        correct: Whether each prediction is correct, bool [T].
    """

    side: Side
    shots: int
    correct: NDArray[np.bool_]

    @property
    def accuracy(self) -> float:
        """Share of correct predictions."""
        return float(self.correct.mean())


@dataclass(frozen=True)
class TemplateAccuracy:
    """The accuracy of zero-shot with one prompt template.

    Attributes:
        template: Text with one "{}" for the label.
        accuracy: Share of correct predictions.
    """

    template: str
    accuracy: float


@dataclass(frozen=True)
class TemplateAccuracies:
    """The sensitivity of zero-shot to the prompt template.

    Attributes:
        templates: Accuracy with each template.
        differing: Share of the test images whose prediction is not the same with all templates.
    """

    templates: tuple[TemplateAccuracy, ...]
    differing: float


@dataclass(frozen=True)
class GeneralizedAccuracy:
    """The accuracy of a method over all classes, of which some were left out of training.

    Attributes:
        name: Name of the method.
        seen: Accuracy on test images of the classes in training.
        unseen: Accuracy on test images of the classes left out.
    """

    name: str
    seen: float
    unseen: float

    @property
    def harmonic_mean(self) -> float:
        """Harmonic mean of both accuracies."""
        return measures.harmonic_mean(self.seen, self.unseen)


@dataclass(frozen=True)
class UnseenResult:
    """The evaluation on classes that no method was trained on.

    Attributes:
        class_names: Names of these classes.
        rows: The methods, with all classes allowed as predictions.
        unseen_only: Accuracy of zero-shot with only these classes allowed as predictions.
    """

    class_names: tuple[str, ...]
    rows: tuple[GeneralizedAccuracy, ...]
    unseen_only: float


@dataclass(frozen=True)
class DataSummary:
    """The facts of the data for the report.

    Attributes:
        folder: Name of the folder.
        class_names: Names of the classes.
        train: Number of training images.
        test: Number of test images.
        per_class: Least and largest number of test images of a class.
        seed: Seed of the split.
        problems: Files that cannot be read.
        ignored: Number of files without the suffix of an image or outside the class folders.
    """

    folder: str
    class_names: tuple[str, ...]
    train: int
    test: int
    per_class: tuple[int, int]
    seed: int
    problems: tuple[FileProblem, ...]
    ignored: int


@dataclass(frozen=True)
class Comparison:
    """The result of a whole comparison.

    Attributes:
        data: Facts of the data.
        network: Facts of the convolutional network.
        labeller: Facts of the image-text encoder.
        epochs: Epochs of fine-tuning; 0 where there was none.
        threads: Number of threads that one call of the network may use.
        methods: Zero-shot, few-shot, linear probe, and fine-tuned unless `epochs` is 0.
        curve: Accuracy by examples per class.
        templates: Accuracy by prompt template.
        unseen: Evaluation on classes left out of training; None where none was left out.
        unknown_share: Share of the test images that the service would label `unknown`.
    """

    data: DataSummary
    network: NetworkInfo
    labeller: ModelInfo
    epochs: int
    threads: int
    methods: tuple[MethodResult, ...]
    curve: tuple[CurvePoint, ...]
    templates: TemplateAccuracies
    unseen: UnseenResult | None
    unknown_share: float

    def best(self, side: Side) -> MethodResult:
        """Return the most accurate method of a side."""
        return max((it for it in self.methods if it.side == side), key=lambda it: it.accuracy)

    @property
    def zero_shot(self) -> MethodResult:
        """Result of zero-shot, which uses the labels alone."""
        return self.methods[0]

    @property
    def few_shot(self) -> MethodResult:
        """Result of few-shot with all training examples."""
        return self.methods[1]
