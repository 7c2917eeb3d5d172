"""Interfaces of CLIP to its runtimes: plain arrays in, plain arrays out."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats


class ClipNetwork(Protocol):
    """The image and text towers. They are stateless, so threads can share them."""

    def images(self, pixels: Floats) -> Floats:
        """Return image features [N, D], of any length, of normalised pixels float32 [N, 3, S, S]."""

    def texts(self, ids: NDArray[np.int64]) -> Floats:
        """Return text features [N, D], of any length, of token ids int64 [N, T].

        T is at most the context length.
        """


class RegionNetwork(Protocol):
    """The image tower with its last attention limited to regions."""

    def regions(self, pixels: Floats, coverage: Floats) -> Floats:
        """Return region features [R, D], of any length.

        Args:
            pixels: The normalised image, float32 [1, 3, S, S].
            coverage: float32 [R, P], share 0..1 of each of the P patches, row by row, that a region covers.
        """


class TextTokenizer(Protocol):
    """Maps texts to token ids."""

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return ids int64 [N, T], padded to the longest text of the call with ids that the tower ignores."""
