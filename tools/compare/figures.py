"""Puts figures as people read them."""

from collections.abc import Sequence

from tools.compare.wins import Gap

NAMES_TOLD = 8


def share(value: float) -> str:
    """A share as per cent."""
    return f"{100 * value:.1f} %"


def chance(value: float) -> str:
    """A probability of chance."""
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def count(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - NAMES_TOLD} more" if len(names) > NAMES_TOLD else ""
    return ", ".join(names[:NAMES_TOLD]) + more


def gap(it: Gap) -> str:
    """A class with what either contender gets right of it, the better first."""
    low, high = sorted((it.first, it.second))
    return f"{it.name} ({100 * high:.0f} % against {100 * low:.0f} %)"
