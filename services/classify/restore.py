"""Makes damaged pictures better, each filter one kind of damage. Pictures are uint8 [H, W, 3]."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from domain.arrays import Floats, Rgb
from services.classify.damage import Damage, Quality, assess, grey_of, noise_of

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


DARK = 145.0
"""A photograph whose brightest parts are below this is brightened."""

NOISY, BLOCKY, BLURRED = 4.0, 1.6, 1.8
"""From these on the small picture is restored; noise first, for what sharpens would make more of it."""

NOISY_WHEN_LIT = 2.0
"""The same once it was brightened: what comes out then is noise rather than texture."""

VERY_NOISY = 10.0
"""From here on a blurred view helps as well."""

GREY_SHARE = 0.67
"""Deviation of a pixel's grey by that of its channels, where their noise is independent."""

MOST_BLUR = 8.0
"""Pixels; nothing comes back from behind more."""

WIENER_SHARE, WIENER_NOISE = 0.8, 0.03
"""Share of the estimated sigma that is taken back (a whole one rings), and the power of noise."""

UNSHARP = 2.0

BLOCK_STRENGTH = 8.0
"""Grey levels; what blocks and ringing are smoothed with."""


@dataclass(frozen=True)
class Views:
    """How a photograph is shown.

    Attributes:
        pictures: uint8 [h, w, 3] each, at least one. The first is the photograph itself, or brightened.
        quality: What is wrong with it, in its own pixels.
    """

    pictures: Sequence[Rgb]
    quality: Quality


def views_of(rgb: Rgb) -> Views:
    """The photograph uint8 [H, W, 3] and what restores it; itself alone where nothing is wrong with it."""
    found = assess(rgb)
    if found.seen.brightest >= DARK:
        return Views([rgb, *_restored(found.small, found.seen, NOISY)], found.quality)
    light = brightened(found.small, found.seen.brightest)
    seen = replace(found.seen, noise=noise_of([grey_of(light)]))
    return Views([light, *_restored(light, seen, NOISY_WHEN_LIT)], found.quality)


def _restored(small: Rgb, seen: Damage, noisy: float) -> list[Rgb]:
    if seen.noise >= noisy:
        clean = denoised(small, seen.noise / GREY_SHARE)
        return [clean, softened(small, 1.5)] if seen.noise >= VERY_NOISY else [clean]
    if seen.blocks >= BLOCKY:
        return [denoised(small, BLOCK_STRENGTH), softened(small, 1.0)]
    if seen.blur >= BLURRED:
        sigma = min(seen.blur, MOST_BLUR)
        return [deconvolved(small, WIENER_SHARE * sigma, WIENER_NOISE), sharpened(small, sigma, UNSHARP)]
    return []
