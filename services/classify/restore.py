"""Restore damaged images with one filter for each kind of damage. Images are uint8 [H, W, 3]."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from domain.arrays import Floats, Rgb
from services.classify.damage import ImageDamage, ImageQuality, assess_damage, estimate_noise, to_grey

NLM_PATCH_SIDE, NLM_WINDOW_SIDE = 5, 15
"""Sides in pixels of the compared patches and of the search window of non-local means."""

DARK_THRESHOLD = 145.0
"""An image whose brightest parts are below this grey level is brightened."""

NOISE_THRESHOLD, BLOCKINESS_THRESHOLD, BLUR_THRESHOLD = 4.0, 1.6, 1.8
"""Damage from which the small image is restored; noise comes first, since sharpening amplifies it."""

BRIGHTENED_NOISE_THRESHOLD = 2.0
"""Noise threshold of a brightened image, whose fine variation is noise rather than texture."""

STRONG_NOISE_THRESHOLD = 10.0
"""Noise from which a blurred view is added."""

GREY_NOISE_RATIO = 0.67
"""Ratio of the noise of the grey image to the noise of its channels, if that is independent."""

MAX_RESTORED_BLUR = 8.0
"""Largest blur in pixels that is restored."""

WIENER_SIGMA_FACTOR, WIENER_NOISE_POWER = 0.8, 0.03
"""Fraction of the estimated sigma that is inverted, since the whole of it rings, and the noise power."""

UNSHARP_AMOUNT = 2.0

DEBLOCKING_STRENGTH = 8.0
"""Strength in grey levels of the filter that smooths blocks and ringing."""


def gaussian_blur(rgb: Rgb, sigma: float) -> Rgb:
    """Blur by a Gaussian of `sigma` pixels, which removes fine noise and block borders."""
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), sigma), np.uint8)


def denoise(rgb: Rgb, strength: float) -> Rgb:
    """Remove noise of `strength` grey levels per channel by non-local means (Buades, Coll & Morel 2005)."""
    return np.asarray(
        cv2.fastNlMeansDenoisingColored(rgb, None, strength, strength, NLM_PATCH_SIDE, NLM_WINDOW_SIDE),
        np.uint8,
    )


def unsharp_mask(rgb: Rgb, sigma: float, amount: float) -> Rgb:
    """Add `amount` times the detail that a Gaussian of `sigma` pixels removes."""
    image = rgb.astype(np.float32)
    return _to_uint8(image + amount * (image - cv2.GaussianBlur(image, (0, 0), sigma)))


def wiener_deconvolve(rgb: Rgb, sigma: float, noise: float) -> Rgb:
    """Invert a Gaussian blur with a Wiener filter.

    The image is padded by reflection, so that its borders are no discontinuity for the Fourier transform.

    Args:
        rgb: The image.
        sigma: Standard deviation of the blur in pixels.
        noise: Ratio of the power of the noise to the power of the image.
    """
    pad = int(4 * sigma) + 1
    padded = cv2.copyMakeBorder(rgb, pad, pad, pad, pad, cv2.BORDER_REFLECT).astype(np.float32)
    height, width = padded.shape[:2]
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    blur = np.exp(-2 * (np.pi * sigma) ** 2 * (rows**2 + columns**2))[..., None]
    spectrum = np.fft.rfft2(padded, axes=(0, 1)) * (blur / (blur**2 + noise))
    sharp = np.fft.irfft2(spectrum, s=(height, width), axes=(0, 1)).astype(np.float32)
    return _to_uint8(sharp[pad:-pad, pad:-pad])


def brighten(rgb: Rgb, brightest: float) -> Rgb:
    """Scale the values so that `brightest`, 0..255, becomes white."""
    return _to_uint8(rgb * np.float32(255 / max(brightest, 1.0)))


def _to_uint8(image: Floats) -> Rgb:
    return np.ascontiguousarray(np.clip(image, 0, 255).round().astype(np.uint8))


@dataclass(frozen=True)
class RestoredViews:
    """The restored views of an image.

    Attributes:
        images: At least one image uint8 [h, w, 3]; the first is the image itself or its brightened version.
        quality: The measured damage in pixels of the image.
    """

    images: Sequence[Rgb]
    quality: ImageQuality


def restore_views(rgb: Rgb) -> RestoredViews:
    """Return an image uint8 [H, W, 3] and its restored versions; an undamaged image alone."""
    assessed = assess_damage(rgb)
    small, damage = assessed.small, assessed.damage
    if damage.brightest >= DARK_THRESHOLD:
        return RestoredViews([rgb, *_restored_images(small, damage, NOISE_THRESHOLD)], assessed.quality)
    bright = brighten(small, damage.brightest)
    damage = replace(damage, noise=estimate_noise([to_grey(bright)]))
    images = [bright, *_restored_images(bright, damage, BRIGHTENED_NOISE_THRESHOLD)]
    return RestoredViews(images, assessed.quality)


def _restored_images(small: Rgb, damage: ImageDamage, noise_threshold: float) -> list[Rgb]:
    """Return the restored versions for the gravest damage of a small image; none for an undamaged one."""
    if damage.noise >= noise_threshold:
        clean = denoise(small, damage.noise / GREY_NOISE_RATIO)
        return [clean, gaussian_blur(small, 1.5)] if damage.noise >= STRONG_NOISE_THRESHOLD else [clean]
    if damage.blocks >= BLOCKINESS_THRESHOLD:
        return [denoise(small, DEBLOCKING_STRENGTH), gaussian_blur(small, 1.0)]
    if damage.blur >= BLUR_THRESHOLD:
        sigma = min(damage.blur, MAX_RESTORED_BLUR)
        return [
            wiener_deconvolve(small, WIENER_SIGMA_FACTOR * sigma, WIENER_NOISE_POWER),
            unsharp_mask(small, sigma, UNSHARP_AMOUNT),
        ]
    return []
