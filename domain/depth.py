"""Depth map of an image."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from domain.arrays import Floats, check_shape

DepthKind = Literal["relative", "metric"]
"""Kind of depth: `relative` is inverse depth without unit or zero, larger is nearer; `metric` is in metres,
larger is farther."""


@dataclass(frozen=True)
class DepthMap:
    """Depth of each pixel of the upright image.

    Attributes:
        values: float32 [H, W], finite and read-only.
        kind: Meaning of the values.

    Raises:
        ValueError: The shape or dtype differs, or a value is not finite.
    """

    values: Floats
    kind: DepthKind

    def __post_init__(self) -> None:
        check_shape("values", self.values, (None, None))
        if self.values.dtype != np.float32:
            raise ValueError(f"expected values of float32, got {self.values.dtype}")
        if not np.isfinite(self.values).all():
            raise ValueError("expected finite values, got infinite ones or NaN")
        self.values.flags.writeable = False

    @property
    def nbytes(self) -> int:
        """Bytes of the values."""
        return self.values.nbytes
