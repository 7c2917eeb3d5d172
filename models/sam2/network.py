"""Interface of the SAM 2.1 network to its runtimes."""

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats

SAM2_FEATURE_NAMES = ("tokens", "keys", "values", "queries", "fine", "finest")
"""Outputs of the image tower, in order: four for the prompt tower, two for the mask tower."""


class Sam2Network(Protocol):
    """SAM 2.1 in one runtime: arrays in, arrays out. It is stateless between calls."""

    prompts_per_batch: int
    """Number of prompts that one `decode` call should get."""

    def encode(self, pixels: Floats) -> Mapping[str, Floats]:
        """Return the features by name of normalised pixels, float32 [1, 3, 1024, 1024]."""

    def decode(
        self,
        features: Mapping[str, Floats],
        coords: Floats,
        labels: NDArray[np.int64],
        select: Callable[[Floats], NDArray[np.bool_]],
        masks: Floats | None = None,
    ) -> tuple[Floats, Floats]:
        """Return the predicted IoUs of all masks, and the logits of the selected ones.

        Args:
            features: Result of `encode`.
            coords: float32 [B, K, 2], x and y in the 1024 x 1024 frame.
            labels: int64 [B, K]: 1 on the object, 0 off it, 2 and 3 the corners of a box, which come first.
            select: Maps predicted IoUs [B, 4] to bool [B, 4]; the logits of other masks are not computed.
            masks: float32 [B, 256, 256], logits of first guesses; K may then be 0.

        Returns:
            Predicted IoUs float32 [B, 4], and logits float32 [S, 256, 256] of the S selected masks in that
            order.
        """
