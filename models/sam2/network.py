"""What the adapter needs of a SAM 2.1 network, whichever runtime it is in."""

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats

SAM2_FEATURE_NAMES = ("tokens", "keys", "values", "queries", "fine", "finest")
"""What the image tower gives, in order: four for the prompt tower, two for the mask tower."""


class Sam2Network(Protocol):
    """Arrays in, arrays out. Holds no request state."""

    prompts_per_batch: int
    """How many prompts one `decode` should get."""

    def encode(self, pixels: Floats) -> Mapping[str, Floats]:
        """What decoding needs of normalised pixels, float32 [1, 3, 1024, 1024]."""

    def decode(
        self,
        features: Mapping[str, Floats],
        coords: Floats,
        labels: NDArray[np.int64],
        wanted: Callable[[Floats], NDArray[np.bool_]],
    ) -> tuple[Floats, Floats]:
        """Predicted IoUs of all masks, and the logits of those that are wanted.

        Args:
            features: From `encode`.
            coords: float32 [B, K, 2], x and y in the 1024 x 1024 frame.
            labels: [B, K]: 1 on the object, 0 off it, 2 and 3 the corners of a box, which come first.
            wanted: Predicted IoUs [B, 4] to bool [B, 4]: nothing is spent on the logits of the others.

        Returns:
            float32 [B, 4] and float32 [wanted, 256, 256] in the order of the IoUs.
        """
