"""Chooses the regions that together explain an image best, by dynamic programming over their nesting."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from domain.arrays import Mask
from services.masks.nesting import Nesting
from services.panoptic.explain import Explanations

MAX_OVERLAP = 0.5
"""Fraction of a region above which one that does not contain it, but overlaps it, rules it out."""


@dataclass(frozen=True)
class _Choice:
    """Chosen regions and the sum of what they gain."""

    gain: float = 0.0
    chosen: tuple[int, ...] = ()

    def __add__(self, other: "_Choice") -> "_Choice":
        return _Choice(self.gain + other.gain, self.chosen + other.chosen)


def choose_regions(nesting: Nesting, explained: Explanations) -> list[int]:
    """Return the indices of the chosen regions, largest gain first.

    Each tree of the nesting is solved exactly: a region is chosen, with objects of other labels inside it, or
    the best choices among its parts are. Where two chosen regions overlap across the nesting, the one of the
    smaller gain is withdrawn, and the rest is chosen again.

    Args:
        nesting: Overlaps of N regions.
        explained: Labels and gains of the regions.
    """
    usable = [int(index) for index in np.flatnonzero(explained.gains > 0)]
    crossing = _crossing(nesting)
    while True:
        chosen = sorted(_best_choice(nesting, explained, usable), key=lambda i: (-explained.gains[i], i))
        loser = _conflict(crossing, chosen)
        if loser is None:
            return chosen
        usable.remove(loser)


def _best_choice(nesting: Nesting, explained: Explanations, usable: list[int]) -> tuple[int, ...]:
    """Return the best choice among the usable regions, as if only nested ones overlapped."""
    children = _children(nesting, usable)
    gains, labels, areas = explained.gains.tolist(), explained.labels.tolist(), nesting.areas.tolist()

    @cache
    def best(node: int, around: int | None) -> _Choice:
        """Return the best choice in `node` where `around` is the smallest chosen region around it."""
        parts = total(children[node], around)
        if around is not None and labels[node] == labels[around]:
            return parts
        loss = 0.0 if around is None else gains[around] * areas[node] / areas[around]
        whole = _Choice(gains[node] - loss, (node,)) + total(children[node], node)
        return whole if whole.gain > parts.gain else parts

    def total(nodes: Iterable[int], around: int | None) -> _Choice:
        return sum((best(node, around) for node in nodes), _Choice())

    for node, chain in _chains(children):  # Parts come before wholes, so that no recursion is deep.
        for around in (None, *chain):
            best(node, around)
    return total(children[None], None).chosen


def _chains(children: dict[int | None, list[int]]) -> Iterable[tuple[int, tuple[int, ...]]]:
    """Return each region with the regions around it, after those inside it."""
    found: list[tuple[int, tuple[int, ...]]] = [(root, ()) for root in children[None]]
    for node, chain in found:
        found += [(child, (*chain, node)) for child in children[node]]
    return reversed(found)


def _children(nesting: Nesting, usable: list[int]) -> dict[int | None, list[int]]:
    """Return the usable regions directly inside each one; those of None lie in no other."""
    parents = nesting.take(usable).parents
    children: dict[int | None, list[int]] = {index: [] for index in (None, *usable)}
    for index, parent in zip(usable, parents, strict=True):
        children[None if parent is None else usable[parent]].append(index)
    return children


def _crossing(nesting: Nesting) -> Mask:
    """Return bool [N, N], true for regions that overlap across the nesting and so rule each other out."""
    contained = nesting.contained
    overlap = np.maximum(nesting.coverage, nesting.coverage.T)
    crossing: Mask = (overlap > MAX_OVERLAP) & ~contained & ~contained.T
    return crossing


def _conflict(crossing: Mask, chosen: list[int]) -> int | None:
    """Return the last of the chosen regions that overlaps an earlier one across the nesting, or None."""
    for place in range(len(chosen) - 1, 0, -1):
        if crossing[chosen[place], chosen[:place]].any():
            return chosen[place]
    return None
