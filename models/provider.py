"""Loads a model once, on first use or ahead of it, and remembers a failure."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from domain.errors import ModelUnavailable, ServiceError
from domain.models import ModelInfo

logger = logging.getLogger(__name__)

T = TypeVar("T")

MODEL_LOADING_LOCK = threading.RLock()
"""Models are built one after the other: builders import libraries, and two threads that import parts of one
package at once may each find it half made."""


class LazyModel(Generic[T]):
    """A model behind the ModelProvider port.

    Args:
        info: Which model; known before it is loaded.
        load: Makes the model; called at most once, by one thread.
    """

    def __init__(self, info: ModelInfo, load: Callable[[], T]) -> None:
        self.info = info
        self._load = load
        self._lock = threading.Lock()
        self._model: T | None = None
        self._error: ModelUnavailable | None = None

    def get(self) -> T:
        """The model, loaded now if it is not yet.

        Raises:
            ModelUnavailable: It could not be loaded, now or earlier.
        """
        with self._lock:
            if self._model is None and self._error is None:
                self._try_load()
        if self._model is None:
            assert self._error is not None
            raise ModelUnavailable(self._error.message, self._error.details)
        return self._model

    def _try_load(self) -> None:
        start = time.perf_counter()
        try:
            with MODEL_LOADING_LOCK:
                self._model = self._load()
        except ServiceError as error:
            self._error = ModelUnavailable(f"{self.info.name}: {error.message}", error.details)
        except Exception as error:  # A runtime's own exception types stay behind this border.
            logger.exception("%s could not be loaded", self.info.name)
            self._error = ModelUnavailable(f"{self.info.name}: {type(error).__name__}: {error}")
        else:
            logger.info("%s loaded in %.0f ms", self.info.name, (time.perf_counter() - start) * 1e3)

    def warm_up(self) -> None:
        """Start loading in the background; a failure waits for `get`."""
        threading.Thread(target=self._warm_up, name=f"load-{self.info.name}", daemon=True).start()

    def _warm_up(self) -> None:
        try:
            self.get()
        except ModelUnavailable as error:
            logger.error("%s", error.message)

    @property
    def state(self) -> str:
        """`ready`, `loading`, or why it failed; never blocks."""
        if self._model is not None:
            return "ready"
        return "loading" if self._error is None else self._error.message
