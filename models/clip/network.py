"""What the CLIP adapter needs of a runtime: plain arrays in, plain arrays out."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats


class ClipNetwork(Protocol):
    """The two towers. Stateless between calls, shared by threads."""

    def images(self, pixels: Floats) -> Floats:
        """Image features [N, D], of any length, for normalised pixels float32 [N, 3, S, S]."""

    def texts(self, ids: NDArray[np.int64]) -> Floats:
        """Text features [N, D], of any length, for token ids int64 [N, T], T at most the context length."""


class RegionNetwork(Protocol):
    """The image tower with the last attention limited to regions."""

    def regions(self, pixels: Floats, coverage: Floats) -> Floats:
        """Region features [R, D], of any length.

        Args:
            pixels: The photograph, normalised float32 [1, 3, S, S].
            coverage: float32 [R, P], share 0..1 of each patch (row by row) that a region covers.
        """


class TextTokenizer(Protocol):
    """Texts to token ids."""

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Ids int64 [N, T], filled up to the longest text of the call with what the text tower ignores."""
