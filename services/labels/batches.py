"""Hands things to an encoder in batches of the size that suits it, side by side where that suits it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from domain.arrays import Floats
from domain.model import TextPrompting
from domain.ports.stores import WorkerPool

T = TypeVar("T")
R = TypeVar("R")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """All items in order, `size` at a time; no more of them are read than are asked for."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def mapped(
    function: Callable[[T], R], items: Iterable[T], prompting: TextPrompting, pool: WorkerPool
) -> Iterator[R]:
    """Results in order; threads of the pool make them where a call of the encoder uses one core."""
    return (pool.map if prompting.side_by_side else map)(function, items)


def in_batches(
    look: Callable[[Sequence[T]], Floats], items: Sequence[T], prompting: TextPrompting, pool: WorkerPool
) -> Iterator[Floats]:
    """What `look` gives for each batch of items, in order.

    Args:
        look: Turns n items into vectors [n, D]; threads of the pool may call it.
        items: Pictures, or what pictures are made of.
        prompting: Of the encoder: how large its batches are, and whether they go side by side.
        pool: Runs them then.
    """
    return mapped(look, batched(items, prompting.batch_size), prompting, pool)
