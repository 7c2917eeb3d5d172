"""Damages images by a given amount, as cameras, low light and compression do."""

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from domain.arrays import Rgb

READ_NOISE = 2.0
"""Standard deviation of the noise of a camera in low light, in grey levels."""

SRGB_GAMMA = 2.2
"""Exponent between sRGB and linear light."""


def scaled(rgb: Rgb, side: int) -> Rgb:
    """Return the image resized to `side` pixels along its longer side."""
    height, width = rgb.shape[:2]
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    smoothing = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(rgb, size, interpolation=smoothing), np.uint8)


def blurred(rgb: Rgb, sigma: float) -> Rgb:
    """Return the image out of focus, blurred by a Gaussian of `sigma` pixels."""
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), sigma), np.uint8) if sigma else rgb


def noisy(rgb: Rgb, sigma: float) -> Rgb:
    """Return the image with Gaussian noise of `sigma` grey levels, which depends on the image alone."""
    rng = np.random.default_rng(int(rgb.sum(dtype=np.int64)) % 2**32)
    return np.clip(rgb + rng.normal(0, sigma, rgb.shape), 0, 255).round().astype(np.uint8)


def compressed(rgb: Rgb, quality: float) -> Rgb:
    """Return the image after compression as a JPEG file of this quality, 0..100."""
    _, data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(decoded[..., ::-1])


def darkened(rgb: Rgb, exposure: float) -> Rgb:
    """Return the image with `exposure` times the light, and the noise of a camera."""
    dark = 255 * ((rgb / 255) ** SRGB_GAMMA * exposure) ** (1 / SRGB_GAMMA)
    return noisy(dark.round().astype(np.uint8), READ_NOISE)


def mixed(rgb: Rgb, amount: float) -> Rgb:
    """Return the image as of a bad camera: blurred by a sigma of `amount` pixels, then noisy, then a JPEG."""
    return compressed(noisy(blurred(rgb, amount), 10 * amount), 30)


DAMAGES: Mapping[str, tuple[Callable[[Rgb, float], Rgb], tuple[float, ...]]] = {
    "blur, sigma in pixels": (blurred, (0, 1, 2, 4, 8)),
    "noise, sigma in grey levels": (noisy, (10, 20, 40)),
    "JPEG, quality": (compressed, (30, 10, 5)),
    "low light, share of the light": (darkened, (1 / 4, 1 / 16, 1 / 64)),
    "blur, noise and JPEG 30, sigma in pixels": (mixed, (1, 2)),
}
"""Functions that damage an image, each with the amounts that are measured, by a description of the damage."""
