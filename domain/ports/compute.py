"""What the services need from outside, as Protocols. Implementations live in models/ and adapters/."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from domain.ports.stores import R, T


class WorkerPool(Protocol):
    """Runs batches side by side."""

    @property
    def workers(self) -> int:
        """How many run at once."""

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Results in the order of `items`, each as soon as it and all before it are done."""
