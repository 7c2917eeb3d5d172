"""What was measured, beside what was to be reached."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.benchmarks.table import show


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        what: In words.
        value: Measured.
        goal: To be reached; None where none is set.
        at_most: The goal is not to be exceeded.
    """

    what: str
    value: float
    goal: float | None = None
    at_most: bool = False

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """As the table shows it."""
        if self.goal is None:
            return self.what, f"{self.value:.3f}", "", ""
        reached = self.value <= self.goal if self.at_most else self.value >= self.goal
        sign = "at most" if self.at_most else "at least"
        return self.what, f"{self.value:.3f}", f"{sign} {self.goal:g}", "yes" if reached else "no"


def show_rows(title: str, rows: Sequence[Row]) -> None:
    """Print them as a table."""
    show(title, ("what", "measured", "goal", "reached"), [row.cells for row in rows])
