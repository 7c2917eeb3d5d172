"""Hands things to an encoder in batches of the size that suits it, side by side where that suits it."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """All items in order, `size` at a time; no more of them are read than are asked for."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch
