"""Models a pinhole camera."""

from dataclasses import dataclass

import numpy as np

from domain.arrays import Floats


def turned(yaw: float, pitch: float = 0.0, roll: float = 0.0) -> Floats:
    """Return a rotation, float32 [3, 3].

    It turns by `roll` about z, then upwards by `pitch` about x, then rightwards by `yaw` about y, in radians.
    """
    (cy, cp, cr), (sy, sp, sr) = np.cos([yaw, pitch, roll]), np.sin([yaw, pitch, roll])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    rotation: Floats = (about_y @ about_x @ about_z).astype(np.float32)
    return rotation


@dataclass(frozen=True)
class Camera:
    """A camera in a world whose x points right, y up and z away from it, in metres.

    Attributes:
        height: Height above y = 0 in metres.
        pitch: Upward rotation in radians.
        roll: Rotation about the optical axis in radians.
        focal: Focal length in image widths.
    """

    height: float
    pitch: float
    roll: float
    focal: float

    @property
    def position(self) -> Floats:
        """Position in the world, float32 [3]."""
        return np.array([0, self.height, 0], np.float32)

    @property
    def matrix(self) -> Floats:
        """Rotation from the frame of the camera into the world, float32 [3, 3]."""
        return turned(0.0, self.pitch, self.roll)

    def rays(self, height: int, width: int) -> Floats:
        """Return the ray of each pixel, float32 [3, height, width], one metre deep along the optical axis."""
        x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / (self.focal * width)
        y = (height / 2 - np.arange(height, dtype=np.float32) - 0.5) / (self.focal * width)
        grid = np.stack([*np.meshgrid(x, y), np.ones((height, width), np.float32)])
        return np.tensordot(self.matrix, grid, 1).astype(np.float32)

    def window(self, points: Floats, height: int, width: int) -> tuple[slice, slice]:
        """Return rows and columns that hold the convex hull of points [3, N].

        They are all rows and columns where a point lies behind the camera.
        """
        local = self.matrix.T @ (points - self.position[:, None])
        if local[2].min() < 0.05:
            return slice(0, height), slice(0, width)
        x = local[0] / local[2] * self.focal * width + width / 2
        y = height / 2 - local[1] / local[2] * self.focal * width
        return _within(y, height), _within(x, width)


def _within(values: Floats, size: int) -> slice:
    low, high = np.clip([values.min() - 1, values.max() + 2], 0, size).astype(int)
    return slice(int(low), int(high))
