"""Makes damaged pictures better, each filter one kind of damage. Pictures are uint8 [H, W, 3]."""

import cv2
import numpy as np

from domain.arrays import Floats, Rgb

PATCH, WINDOW = 5, 15
"""Sides in pixels of what non-local means compares, and of where it looks."""


def softened(rgb: Rgb, sigma: float) -> Rgb:
    """Blurred by a Gaussian of `sigma` pixels: fine noise and the borders of blocks go."""
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), sigma), np.uint8)


def denoised(rgb: Rgb, strength: float) -> Rgb:
    """Non-local means (Buades, Coll & Morel 2005) for noise of `strength` grey levels in each channel."""
    return np.asarray(cv2.fastNlMeansDenoisingColored(rgb, None, strength, strength, PATCH, WINDOW), np.uint8)


def sharpened(rgb: Rgb, sigma: float, amount: float) -> Rgb:
    """Unsharp masking: `amount` times what a Gaussian of `sigma` pixels takes away is added."""
    picture = rgb.astype(np.float32)
    return _bytes(picture + amount * (picture - cv2.GaussianBlur(picture, (0, 0), sigma)))


def deconvolved(rgb: Rgb, sigma: float, noise: float) -> Rgb:
    """Wiener's filter for a Gaussian blur of `sigma` pixels.

    The borders are mirrored, so that the Fourier transform sees no jump there.

    Args:
        rgb: The picture.
        sigma: Pixels.
        noise: Power of the noise by that of the picture.
    """
    reach = int(4 * sigma) + 1
    wide = cv2.copyMakeBorder(rgb, reach, reach, reach, reach, cv2.BORDER_REFLECT).astype(np.float32)
    height, width = wide.shape[:2]
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    blur = np.exp(-2 * (np.pi * sigma) ** 2 * (rows**2 + columns**2))[..., None]
    spectrum = np.fft.rfft2(wide, axes=(0, 1)) * (blur / (blur**2 + noise))
    sharp = np.fft.irfft2(spectrum, s=(height, width), axes=(0, 1)).astype(np.float32)
    return _bytes(sharp[reach:-reach, reach:-reach])


def brightened(rgb: Rgb, brightest: float) -> Rgb:
    """Stretched so that `brightest` becomes white."""
    return _bytes(rgb * np.float32(255 / max(brightest, 1.0)))


def _bytes(picture: Floats) -> Rgb:
    return np.ascontiguousarray(np.clip(picture, 0, 255).round().astype(np.uint8))
