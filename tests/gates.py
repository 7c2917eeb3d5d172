"""Fakes that wait: a test decides how far the work has come."""

import threading
from collections.abc import Sequence

from domain.arrays import Floats, Rgb
from domain.masks import Candidates, Embedding, Prompt
from tests.fakes import ColorEncoder, DiscSegmenter

PATIENCE_S = 60


class Gate:
    """Where work waits until the test lets it through."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._open = threading.Event()

    def wait(self) -> None:
        """Say that it was reached, and wait."""
        self.reached.set()
        assert self._open.wait(PATIENCE_S)

    def open(self) -> None:
        """Let everything through from now on."""
        self._open.set()


class GatedSegmenter(DiscSegmenter):
    """Waits before every batch of prompts."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Gate()

    def decode(
        self, embedding: Embedding, prompts: Sequence[Prompt], quality_threshold: float = 0.0
    ) -> Candidates:
        self.gate.wait()
        return super().decode(embedding, prompts, quality_threshold)


class GatedEncoder(ColorEncoder):
    """Waits before every batch of crops."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Gate()

    def encode_images(self, crops: Sequence[Rgb]) -> Floats:
        self.gate.wait()
        return super().encode_images(crops)
