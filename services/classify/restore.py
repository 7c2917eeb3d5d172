"""Chooses how a photograph is shown to an encoder that should see through its damage.

Which views, and when, was measured: docs/robustness.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.arrays import Rgb
from services.classify.assessment import assess
from services.classify.damage import Damage, Quality, grey_of, noise_of
from services.classify.filters import brightened, deconvolved, denoised, sharpened, softened

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
