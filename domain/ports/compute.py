"""Ports of the computation: the decoder of prompts, and the helper that runs functions on threads."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from domain.masks import Candidates, Embedding, Prompt

T = TypeVar("T")
R = TypeVar("R")


class Decoder(Protocol):
    """Decodes batches of prompts, here or in another process.

    What goes to a worker and comes back is plain data: frozen dataclasses of numpy arrays and numbers that
    can be pickled. Many threads share one decoder.
    """

    def decode_all(
        self,
        embedding: Embedding,
        batches: Iterable[Sequence[Prompt]],
        quality_threshold: float,
        check: Callable[[], None] = lambda: None,
    ) -> Iterator[Candidates]:
        """Yield the candidates of each batch, in the order of the batches.

        The results do not depend on the number of workers. `batches` is read in the caller's thread, only a
        few batches ahead of the results.

        Args:
            embedding: The encoded image, made by the segmenter that decodes.
            batches: Non-empty batches of prompts, in pixels of the upright image.
            quality_threshold: Candidates of a lower predicted IoU, 0..1, may be left out.
            check: Called in this process before a batch is started; it raises to cancel the rest.

        Raises:
            ModelUnavailable: The segmenter cannot be loaded.
        """


class WorkerPool(Protocol):
    """Runs functions on threads of this process.

    This is not a port for other processes, because functions are not plain data. The Protocol exists so that
    services can be typed without an import of adapters.
    """

    @property
    def workers(self) -> int:
        """Number of functions that run at once."""

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield the results in the order of `items`, each as soon as it and all before it are done."""
