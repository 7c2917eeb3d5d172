"""Batches: consecutive items handed on together."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield all items in order in lists of `size`; items are read only when they are requested."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch
