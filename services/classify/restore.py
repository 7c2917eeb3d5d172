"""Makes damaged pictures better, each filter one kind of damage. Pictures are uint8 [H, W, 3]."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from domain.arrays import Floats, Rgb
from services.classify.damage import ImageDamage, ImageQuality, assess_damage, estimate_noise, to_grey

NLM_PATCH_SIDE, NLM_WINDOW_SIDE = 5, 15
"""Sides in pixels of what non-local means compares, and of where it looks."""


def gaussian_blur(rgb: Rgb, sigma: float) -> Rgb:
    """Blurred by a Gaussian of `sigma` pixels: fine noise and the borders of blocks go."""
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), sigma), np.uint8)


def denoise(rgb: Rgb, strength: float) -> Rgb:
    """Non-local means (Buades, Coll & Morel 2005) for noise of `strength` grey levels in each channel."""
    return np.asarray(
        cv2.fastNlMeansDenoisingColored(rgb, None, strength, strength, NLM_PATCH_SIDE, NLM_WINDOW_SIDE),
        np.uint8,
    )


def unsharp_mask(rgb: Rgb, sigma: float, amount: float) -> Rgb:
    """Unsharp masking: `amount` times what a Gaussian of `sigma` pixels takes away is added."""
    image = rgb.astype(np.float32)
    return _to_uint8(image + amount * (image - cv2.GaussianBlur(image, (0, 0), sigma)))


def wiener_deconvolve(rgb: Rgb, sigma: float, noise: float) -> Rgb:
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
    return _to_uint8(sharp[reach:-reach, reach:-reach])


def brighten(rgb: Rgb, brightest: float) -> Rgb:
    """Stretched so that `brightest` becomes white."""
    return _to_uint8(rgb * np.float32(255 / max(brightest, 1.0)))


def _to_uint8(image: Floats) -> Rgb:
    return np.ascontiguousarray(np.clip(image, 0, 255).round().astype(np.uint8))


DARK_THRESHOLD = 145.0
"""A photograph whose brightest parts are below this is brightened."""

NOISE_THRESHOLD, BLOCKINESS_THRESHOLD, BLUR_THRESHOLD = 4.0, 1.6, 1.8
"""From these on the small picture is restored; noise first, for what sharpens would make more of it."""

BRIGHTENED_NOISE_THRESHOLD = 2.0
"""The same once it was brightened: what comes out then is noise rather than texture."""

STRONG_NOISE_THRESHOLD = 10.0
"""From here on a blurred view helps as well."""

GREY_NOISE_RATIO = 0.67
"""Deviation of a pixel's grey by that of its channels, where their noise is independent."""

MAX_RESTORED_BLUR = 8.0
"""Pixels; nothing comes back from behind more."""

WIENER_SIGMA_FACTOR, WIENER_NOISE_POWER = 0.8, 0.03
"""Share of the estimated sigma that is taken back (a whole one rings), and the power of noise."""

UNSHARP_AMOUNT = 2.0

DEBLOCKING_STRENGTH = 8.0
"""Grey levels; what blocks and ringing are smoothed with."""


@dataclass(frozen=True)
class RestoredViews:
    """How a photograph is shown.

    Attributes:
        images: uint8 [h, w, 3] each, at least one. The first is the photograph itself, or brightened.
        quality: What is wrong with it, in its own pixels.
    """

    images: Sequence[Rgb]
    quality: ImageQuality


def restore_views(rgb: Rgb) -> RestoredViews:
    """The photograph uint8 [H, W, 3] and what restores it; itself alone where nothing is wrong with it."""
    found = assess_damage(rgb)
    if found.damage.brightest >= DARK_THRESHOLD:
        return RestoredViews(
            [rgb, *_restored_images(found.small, found.damage, NOISE_THRESHOLD)], found.quality
        )
    light = brighten(found.small, found.damage.brightest)
    damage = replace(found.damage, noise=estimate_noise([to_grey(light)]))
    return RestoredViews([light, *_restored_images(light, damage, BRIGHTENED_NOISE_THRESHOLD)], found.quality)


def _restored_images(small: Rgb, damage: ImageDamage, noisy: float) -> list[Rgb]:
    if damage.noise >= noisy:
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
