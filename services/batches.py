"""Shows pictures to an encoder in batches of the size that suits it."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from domain.ports import WorkerPool
from domain.types import Floats, TextPrompting

T = TypeVar("T")


def in_batches(
    look: Callable[[Sequence[T]], Floats], items: Sequence[T], prompting: TextPrompting, pool: WorkerPool
) -> Iterator[Floats]:
    """What `look` gives for each batch of items, in order; side by side where the encoder uses one core.

    Args:
        look: Turns n items into vectors [n, D]; threads of the pool may call it.
        items: Pictures, or what pictures are made of.
        prompting: Of the encoder: how large its batches are, and whether they go side by side.
        pool: Runs them then.
    """
    size = prompting.batch_size
    batches = (items[start : start + size] for start in range(0, len(items), size))
    yield from (pool.map if prompting.side_by_side else map)(look, batches)
