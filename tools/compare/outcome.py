"""All that a comparison found."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.models import ModelInfo
from tools.categorize.folder_types import Problem
from tools.compare.classifier import NetworkFacts
from tools.compare.contender import Contender, Side
from tools.compare.measures import harmonic_mean


@dataclass(frozen=True)
class Point:
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
class Phrasing:
    """Zero-shot with names put in one way.

    Attributes:
        text: With one "{}".
        accuracy: Share of right answers.
    """

    text: str
    accuracy: float


@dataclass(frozen=True)
class Prompts:
    """How much the wording of names matters.

    Attributes:
        phrasings: Each by itself.
        differing: Share of the test photographs whose answer is not the same in all of them.
    """

    phrasings: tuple[Phrasing, ...]
    differing: float


@dataclass(frozen=True)
class Generalised:
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
class Unseen:
    """Classes that no contender saw a photograph of.

    Attributes:
        names: Of these classes.
        rows: The contenders, all names allowed as answers.
        alone: Zero-shot accuracy where only these names are allowed.
    """

    names: tuple[str, ...]
    rows: tuple[Generalised, ...]
    alone: float


@dataclass(frozen=True)
class Data:
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
    problems: tuple[Problem, ...]
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

    data: Data
    network: NetworkFacts
    labeller: ModelInfo
    epochs: int
    threads: int
    contenders: tuple[Contender, ...]
    curve: tuple[Point, ...]
    prompts: Prompts
    unseen: Unseen | None
    unknown: float

    def of(self, side: Side) -> tuple[Contender, ...]:
        """The contenders of one side."""
        return tuple(contender for contender in self.contenders if contender.side == side)

    def best(self, side: Side) -> Contender:
        """The most accurate one of a side."""
        return max(self.of(side), key=lambda contender: contender.accuracy)

    @property
    def zero_shot(self) -> Contender:
        """The one that learnt from no photograph."""
        return self.contenders[0]

    @property
    def few_shot(self) -> Contender:
        """The one that learnt from all of them beside the names."""
        return self.contenders[1]
