"""What takes part in a comparison, and what came of it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from tools.compare import measures
from tools.compare.classifier import Targets
from tools.compare.cost import Cost

Side = Literal["cnn", "encoder"]
TOP = 5


@dataclass(frozen=True)
class Contender:
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
        return measures.right(self.probabilities, self.targets)

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return float(self.right.mean())

    @property
    def top5(self) -> float:
        """How often the right class is among the five most probable ones."""
        return measures.top_accuracy(self.probabilities, self.targets, TOP)

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
