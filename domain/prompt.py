"""A prompt: points, a box, or both, in pixels of the upright image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import check_shape


@dataclass(frozen=True)
class Prompt:
    """What a segmenter is asked about one object.

    Attributes:
        points: float64 [K, 2], x then y.
        point_labels: int64 [K], 1 on the object, 0 off it.
        box: float64 [4], x0 y0 x1 y1, x1 and y1 exclusive; None without a box.
    """

    points: NDArray[np.float64]
    point_labels: NDArray[np.int64]
    box: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        check_shape("points", self.points, (None, 2))
        check_shape("point_labels", self.point_labels, (len(self.points),))
        if self.box is not None:
            check_shape("box", self.box, (4,))
        if self.box is None and not np.any(self.point_labels == 1):
            raise ValueError("expected a box or at least one point with label 1, got neither")

    @property
    def key(self) -> tuple[bytes, bytes, bytes | None]:
        """Equal for equal prompts; arrays themselves cannot be looked up."""
        box = None if self.box is None else self.box.tobytes()
        return self.points.tobytes(), self.point_labels.tobytes(), box

    @classmethod
    def point(cls, x: float, y: float) -> "Prompt":
        """One point on the object."""
        return cls(np.array([[x, y]], np.float64), np.array([1], np.int64))
