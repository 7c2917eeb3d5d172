"""Names for the arrays that cross module borders, and the checks on them."""

import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
"""uint8 [H, W, 3], sRGB, upright."""

Mask = NDArray[np.bool_]
"""bool [H, W]."""

Floats = NDArray[np.float32]
"""float32, any shape."""


def check_rgb(rgb: Rgb) -> Rgb:
    """The array itself.

    Raises:
        ValueError: Not uint8 [H, W, 3].
    """
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3:
        raise ValueError(f"expected rgb uint8 [H, W, 3], got {rgb.dtype} {list(rgb.shape)}")
    return rgb


def check_shape(name: str, array: NDArray[np.generic], shape: tuple[int | None, ...]) -> None:
    """Compare with `shape`, where None stands for any size.

    Raises:
        ValueError: Another number of axes, or another size on one.
    """
    same = len(shape) == array.ndim and all(
        want is None or want == got for want, got in zip(shape, array.shape, strict=True)
    )
    if not same:
        raise ValueError(f"expected {name} {list(shape)}, got {list(array.shape)}")
