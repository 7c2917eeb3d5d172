"""Splits items into batches, for encoders and decoders that take several at once."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield all items in order, `size` at a time; `items` is read lazily, one batch at a time."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch
