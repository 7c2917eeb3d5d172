"""Names of the arrays that cross module borders, and checks of their shapes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
"""Image: uint8 [H, W, 3], sRGB, upright."""

Mask = NDArray[np.bool_]
"""Mask: bool [H, W]."""

Floats = NDArray[np.float32]
"""Array of float32 of any shape."""


def check_rgb(rgb: Rgb) -> Rgb:
    """Return the array unchanged after a check of its shape and dtype.

    Raises:
        ValueError: It is not uint8 [H, W, 3].
    """
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3:
        raise ValueError(f"expected rgb uint8 [H, W, 3], got {rgb.dtype} {list(rgb.shape)}")
    return rgb


def check_shape(name: str, array: NDArray[np.generic], shape: tuple[int | None, ...]) -> None:
    """Check that an array has `shape`, where None stands for any size.

    Raises:
        ValueError: The array has another number of axes, or another size on one of them.
    """
    same = len(shape) == array.ndim and all(
        want is None or want == got for want, got in zip(shape, array.shape, strict=True)
    )
    if not same:
        raise ValueError(f"expected {name} {list(shape)}, got {list(array.shape)}")


def softmax(logits: NDArray[np.floating[Any]]) -> Floats:
    """Return the probabilities [N, C] of logits [N, C]; each row sums to 1."""
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Floats = exponents / exponents.sum(axis=1, keepdims=True)
    return probabilities
