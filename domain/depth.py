"""How far everything in a photograph is."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from domain.arrays import Floats, check_shape

DepthKind = Literal["relative", "metric"]
"""`relative`: inverse depth without unit or zero, larger = nearer. `metric`: metres, larger = farther."""


@dataclass(frozen=True)
class DepthMap:
    """Depth of each pixel of the upright image.

    Attributes:
        values: float32 [H, W], finite and read-only.
        kind: What the values mean.

    Raises:
        ValueError: Another shape or dtype, or a value that is not finite.
    """

    values: Floats
    kind: DepthKind

    def __post_init__(self) -> None:
        check_shape("values", self.values, (None, None))
        if self.values.dtype != np.float32:
            raise ValueError(f"expected values float32, got {self.values.dtype}")
        if not np.isfinite(self.values).all():
            raise ValueError("expected finite values, got some that are not")
        self.values.flags.writeable = False

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self.values.nbytes
