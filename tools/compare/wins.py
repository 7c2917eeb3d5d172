"""Which classes, and which photographs, one contender gets right and another does not."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tools.compare.measures import mcnemar_p_value
from tools.compare.result import MethodResult

SIGNIFICANCE_LEVEL = 0.05
"""A difference that chance would make less often than this counts as one."""


@dataclass(frozen=True)
class ClassGap:
    """One class.

    Attributes:
        name: Of the class.
        first: Accuracy of the one contender.
        second: Accuracy of the other.
        chance: Probability of such a difference on its photographs between two that are equally good.
    """

    name: str
    first: float
    second: float
    chance: float


@dataclass(frozen=True)
class MethodComparison:
    """Two contenders on the same photographs.

    Attributes:
        names: Of the classes.
        first: The one.
        second: The other.
    """

    names: tuple[str, ...]
    first: MethodResult
    second: MethodResult

    @cached_property
    def gaps(self) -> tuple[ClassGap, ...]:
        """All classes, those where the first is most ahead first."""
        gaps = [self._gap(row, name) for row, name in enumerate(self.names)]
        return tuple(sorted(gaps, key=lambda gap: gap.second - gap.first))

    def _gap(self, row: int, name: str) -> ClassGap:
        of_class = self.first.targets == row
        first, second = self.first.right[of_class], self.second.right[of_class]
        return ClassGap(name, float(first.mean()), float(second.mean()), mcnemar_p_value(first, second))

    @property
    def of_first(self) -> tuple[ClassGap, ...]:
        """Classes where the first is better, the clearest first."""
        return tuple(gap for gap in self.gaps if gap.first > gap.second)

    @property
    def of_second(self) -> tuple[ClassGap, ...]:
        """Classes where the second is better, the clearest first."""
        return tuple(gap for gap in reversed(self.gaps) if gap.second > gap.first)

    @property
    def even(self) -> int:
        """Classes where both are as good."""
        return len(self.gaps) - len(self.of_first) - len(self.of_second)

    @property
    def only_first(self) -> int:
        """Photographs that the first alone gets right."""
        return int((self.first.right & ~self.second.right).sum())

    @property
    def only_second(self) -> int:
        """Photographs that the second alone gets right."""
        return int((~self.first.right & self.second.right).sum())

    @property
    def either(self) -> float:
        """Share of the photographs that at least one gets right."""
        return float((self.first.right | self.second.right).mean())

    @property
    def chance(self) -> float:
        """Probability of such a difference between two that are equally good."""
        return mcnemar_p_value(self.first.right, self.second.right)


@dataclass(frozen=True)
class Confusion:
    """A class that is taken for another.

    Attributes:
        name: What it is.
        answer: What it was taken for.
        count: How often.
        of: How many photographs of the class there were.
    """

    name: str
    answer: str
    count: int
    of: int


def top_confusions(contender: MethodResult, names: tuple[str, ...], count: int) -> list[Confusion]:
    """The `count` most frequent confusions of one class with another, those made once left out."""
    matrix = contender.confusion.copy()
    totals = matrix.sum(axis=1)
    np.fill_diagonal(matrix, 0)
    order = np.argsort(-matrix, axis=None, kind="stable")[:count]
    pairs = [divmod(int(flat), len(names)) for flat in order]
    found = [
        Confusion(names[row], names[column], int(matrix[row, column]), int(totals[row]))
        for row, column in pairs
    ]
    return [mistake for mistake in found if mistake.count > 1]
