"""Compares two methods class by class and image by image, and finds the most frequent confusions."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tools.compare.measures import mcnemar_p_value
from tools.compare.result import MethodResult

SIGNIFICANCE_LEVEL = 0.05
"""A difference with a p-value below it counts as one."""


@dataclass(frozen=True)
class ClassGap:
    """The accuracies of two methods on one class.

    Attributes:
        class_name: Name of the class.
        first: Accuracy of the first method.
        second: Accuracy of the second method.
        p_value: P-value of McNemar's exact test on the test images of the class.
    """

    class_name: str
    first: float
    second: float
    p_value: float

    @property
    def significant(self) -> bool:
        """True where the p-value is below `SIGNIFICANCE_LEVEL`."""
        return self.p_value < SIGNIFICANCE_LEVEL


@dataclass(frozen=True)
class MethodComparison:
    """Two methods on the same test images.

    Attributes:
        class_names: Names of the classes.
        first: Result of the first method.
        second: Result of the second method.
    """

    class_names: tuple[str, ...]
    first: MethodResult
    second: MethodResult

    @cached_property
    def gaps(self) -> tuple[ClassGap, ...]:
        """All classes, ordered by how far the first method is ahead, largest lead first."""
        gaps = [self._gap(index, name) for index, name in enumerate(self.class_names)]
        return tuple(sorted(gaps, key=lambda gap: gap.second - gap.first))

    def _gap(self, index: int, name: str) -> ClassGap:
        of_class = self.first.targets == index
        first, second = self.first.correct[of_class], self.second.correct[of_class]
        return ClassGap(name, float(first.mean()), float(second.mean()), mcnemar_p_value(first, second))

    @property
    def first_better(self) -> tuple[ClassGap, ...]:
        """Classes where the first method is more accurate, largest lead first."""
        return tuple(gap for gap in self.gaps if gap.first > gap.second)

    @property
    def second_better(self) -> tuple[ClassGap, ...]:
        """Classes where the second method is more accurate, largest lead first."""
        return tuple(gap for gap in reversed(self.gaps) if gap.second > gap.first)

    @property
    def ties(self) -> int:
        """Number of classes where both methods are equally accurate."""
        return len(self.gaps) - len(self.first_better) - len(self.second_better)

    @property
    def only_first(self) -> int:
        """Number of test images that only the first method predicts correctly."""
        return int((self.first.correct & ~self.second.correct).sum())

    @property
    def only_second(self) -> int:
        """Number of test images that only the second method predicts correctly."""
        return int((~self.first.correct & self.second.correct).sum())

    @property
    def either_correct(self) -> float:
        """Share of the test images that at least one method predicts correctly."""
        return float((self.first.correct | self.second.correct).mean())

    @property
    def p_value(self) -> float:
        """P-value of McNemar's exact test on all test images."""
        return mcnemar_p_value(self.first.correct, self.second.correct)


@dataclass(frozen=True)
class Confusion:
    """A class that is predicted as another one.

    Attributes:
        class_name: Name of the true class.
        predicted: Name of the predicted class.
        count: Number of test images of the class predicted so.
        total: Number of test images of the class.
    """

    class_name: str
    predicted: str
    count: int
    total: int


def top_confusions(method: MethodResult, class_names: tuple[str, ...], k: int) -> list[Confusion]:
    """Return the `k` most frequent confusions, without those that happen once."""
    matrix = method.confusion_matrix.copy()
    totals = matrix.sum(axis=1)
    np.fill_diagonal(matrix, 0)
    order = np.argsort(-matrix, axis=None, kind="stable")[:k]
    pairs = [divmod(int(flat), len(class_names)) for flat in order]
    confusions = [
        Confusion(class_names[row], class_names[column], int(matrix[row, column]), int(totals[row]))
        for row, column in pairs
    ]
    return [confusion for confusion in confusions if confusion.count > 1]
