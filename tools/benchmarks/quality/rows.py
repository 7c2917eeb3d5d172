"""Prints figures beside their goals."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.benchmarks.table import show


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        what: Description of the figure.
        value: The measured value.
        goal: The goal; None where there is none.
        at_most: True if the value must not exceed the goal, else it must reach it.
    """

    what: str
    value: float
    goal: float | None = None
    at_most: bool = False

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The cells of the figure in the table."""
        if self.goal is None:
            return self.what, f"{self.value:.3f}", "", ""
        reached = self.value <= self.goal if self.at_most else self.value >= self.goal
        sign = "at most" if self.at_most else "at least"
        return self.what, f"{self.value:.3f}", f"{sign} {self.goal:g}", "yes" if reached else "no"


def show_rows(title: str, rows: Sequence[Row]) -> None:
    """Print the figures as a table."""
    show(title, ("what", "measured", "goal", "reached"), [row.cells for row in rows])
