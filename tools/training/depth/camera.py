"""A pinhole camera."""

from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats


def turned(yaw: float, pitch: float = 0.0, roll: float = 0.0) -> Floats:
    """Rotation [3, 3]: about y (rightwards), then x (upwards), then z, in radians."""
    (cy, cp, cr), (sy, sp, sr) = np.cos([yaw, pitch, roll]), np.sin([yaw, pitch, roll])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return (about_y @ about_x @ about_z).astype(np.float32)


@dataclass(frozen=True)
class Camera:
    """Where the picture is taken from; the world has x right, y up, z away.

    Attributes:
        height: Above y = 0, metres.
        pitch: Upwards, radians.
        roll: Radians.
        focal: Focal length in picture widths.
    """

    height: float
    pitch: float
    roll: float
    focal: float

    @property
    def position(self) -> Floats:
        """Float32 [3]."""
        return np.array([0, self.height, 0], np.float32)

    @property
    def matrix(self) -> Floats:
        """Rotation [3, 3] from the camera's frame into the world."""
        return turned(0.0, self.pitch, self.roll)

    def rays(self, height: int, width: int) -> Floats:
        """Ray [3, height, width] of each pixel, one metre deep along the optical axis."""
        x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / (self.focal * width)
        y = (height / 2 - np.arange(height, dtype=np.float32) - 0.5) / (self.focal * width)
        grid = np.stack([*np.meshgrid(x, y), np.ones((height, width), np.float32)])
        return np.tensordot(self.matrix, grid, 1).astype(np.float32)

    def window(self, points: Floats, height: int, width: int) -> tuple[slice, slice]:
        """Rows and columns that hold the convex hull of points [3, N]; all where one is behind."""
        seen = self.matrix.T @ (points - self.position[:, None])
        if seen[2].min() < 0.05:
            return slice(0, height), slice(0, width)
        x = seen[0] / seen[2] * self.focal * width + width / 2
        y = height / 2 - seen[1] / seen[2] * self.focal * width
        return _within(y, height), _within(x, width)


def _within(values: Floats, size: int) -> slice:
    low, high = np.clip([values.min() - 1, values.max() + 2], 0, size).astype(int)
    return slice(int(low), int(high))
