"""What takes part in a comparison, and what came of it."""

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
from tools.compare.measures import harmonic_mean

Side = Literal["cnn", "encoder"]

TOP_K = 5


@dataclass(frozen=True)
class MethodResult:
    """One way to answer, and its answers to all test photographs.

    Attributes:
        name: E.g. "zero-shot".
        side: Which of the two it belongs to.
        probabilities: Of the classes for each test photograph, [T, C].
        targets: Their classes, [T].
        examples: How many labelled photographs it learnt from.
        parameters: How many numbers were fitted.
        training: What that took, reading the names and looking at the examples included.
        answering: What it took to answer all test photographs, decoded already.
    """

    name: str
    side: Side
    probabilities: Floats
    targets: Targets
    examples: int
    parameters: int
    training: Cost
    answering: Cost

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """Whether each answer is right, [T]."""
        return measures.is_correct(self.probabilities, self.targets)

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return float(self.right.mean())

    @property
    def top5(self) -> float:
        """How often the right class is among the five most probable ones."""
        return measures.top_accuracy(self.probabilities, self.targets, TOP_K)

    @cached_property
    def class_accuracy(self) -> NDArray[np.float64]:
        """Share of right answers for each class, [C]."""
        return measures.class_accuracy(self.probabilities, self.targets)

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """How often each class (row) is answered with each (column), [C, C]."""
        return measures.confusion(self.probabilities, self.targets)

    @cached_property
    def reliability(self) -> measures.Reliability:
        """How sure it was, and how often right."""
        return measures.reliability(self.probabilities, self.targets)

    @property
    def confidence(self) -> float:
        """Mean probability of its answers."""
        return float(self.probabilities.max(axis=1).mean())

    @property
    def per_image(self) -> Cost:
        """What one answer took."""
        return self.answering.times(1 / len(self.targets))


@dataclass(frozen=True)
class CurvePoint:
    """Accuracy on the test photographs after learning from a few of each class.

    Attributes:
        side: Whose.
        shots: Photographs of each class, or all where there are fewer.
        right: Whether each answer is right, [T].
    """

    side: Side
    shots: int
    right: NDArray[np.bool_]

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return float(self.right.mean())


@dataclass(frozen=True)
class TemplateAccuracy:
    """Zero-shot with names put in one way.

    Attributes:
        text: With one "{}".
        accuracy: Share of right answers.
    """

    text: str
    accuracy: float


@dataclass(frozen=True)
class TemplateAccuracies:
    """How much the wording of names matters.

    Attributes:
        phrasings: Each by itself.
        differing: Share of the test photographs whose answer is not the same in all of them.
    """

    phrasings: tuple[TemplateAccuracy, ...]
    differing: float


@dataclass(frozen=True)
class GeneralizedAccuracy:
    """Accuracy among all names, of which some were left out of training.

    Attributes:
        name: Of the contender.
        seen: On test photographs of the classes trained on.
        unseen: On those of the classes left out.
    """

    name: str
    seen: float
    unseen: float

    @property
    def harmonic(self) -> float:
        """Of both: high only where both are."""
        return harmonic_mean(self.seen, self.unseen)


@dataclass(frozen=True)
class UnseenResult:
    """Classes that no contender saw a photograph of.

    Attributes:
        names: Of these classes.
        rows: The contenders, all names allowed as answers.
        alone: Zero-shot accuracy where only these names are allowed.
    """

    names: tuple[str, ...]
    rows: tuple[GeneralizedAccuracy, ...]
    alone: float


@dataclass(frozen=True)
class DataSummary:
    """What was compared on.

    Attributes:
        folder: Its name.
        names: Of the classes.
        train: How many photographs to learn from.
        test: How many to be asked about.
        per_class: Least and largest number of test photographs of a class.
        seed: Of the split.
        problems: Files that cannot be read.
        ignored: Files that are no photographs, or in no class folder.
    """

    folder: str
    names: tuple[str, ...]
    train: int
    test: int
    per_class: tuple[int, int]
    seed: int
    problems: tuple[FileProblem, ...]
    ignored: int


@dataclass(frozen=True)
class Comparison:
    """A whole comparison.

    Attributes:
        data: On what.
        network: The convolutional network.
        labeller: The image-text model.
        epochs: Of fine-tuning; 0: there was none.
        threads: Cores that one call of the network may use.
        contenders: Zero-shot, few-shot, linear probe, fine-tuned.
        curve: Accuracy by examples a class.
        prompts: Accuracy by wording.
        unseen: Classes left out; None where there were none.
        unknown: Share of the test photographs that the service would call `unknown`.
    """

    data: DataSummary
    network: NetworkInfo
    labeller: ModelInfo
    epochs: int
    threads: int
    contenders: tuple[MethodResult, ...]
    curve: tuple[CurvePoint, ...]
    prompts: TemplateAccuracies
    unseen: UnseenResult | None
    unknown: float

    def of(self, side: Side) -> tuple[MethodResult, ...]:
        """The contenders of one side."""
        return tuple(contender for contender in self.contenders if contender.side == side)

    def best(self, side: Side) -> MethodResult:
        """The most accurate one of a side."""
        return max(self.of(side), key=lambda contender: contender.accuracy)

    @property
    def zero_shot(self) -> MethodResult:
        """The one that learnt from no photograph."""
        return self.contenders[0]

    @property
    def few_shot(self) -> MethodResult:
        """The one that learnt from all of them beside the names."""
        return self.contenders[1]
