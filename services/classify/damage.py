"""Estimate how blurred, noisy, dark and blocky an image is, from its pixels alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import cv2
import numpy as np

from domain.arrays import Floats, Rgb

FINE_GRADIENT_SIGMA, COARSE_GRADIENT_SIGMA = 1.0, 2.0
"""Sigmas in pixels of the two Gaussians whose gradients are compared."""

EDGE_FRACTION = 0.05
"""Fraction of the pixels, those with the steepest gradients, that are taken for edges."""

MIN_EDGE_GRADIENT = 4.0
"""Gradient in grey levels per pixel below which a pixel is not part of an edge."""

MIN_EDGE_PIXELS = 20
"""Number of edge pixels below which the blur is not estimated."""

MAX_MEASURED_BLUR = 16.0
"""Largest sigma in pixels that is estimated; softer edges are hardly edges."""

NOISE_PATCH_SIDE, SMOOTH_PATCH_QUANTILE = 15, 0.1
"""Side in pixels of the patches for the noise estimate, and the fraction of them that is smooth."""

BRIGHTNESS_QUANTILE = 0.98
"""Quantile of the pixels taken as the brightest, so that a lamp does not make a dark image bright."""

JPEG_BLOCK_SIDE = 8
"""Side of a JPEG block in pixels."""

MIN_STEP_LEVELS = 2.0
"""Lower bound in grey levels of the steps inside blocks, for very smooth images."""

ASSESSED_LONG_SIDE = 320
"""Longer side in pixels of the small image; no encoder has a larger input."""

MIN_ASSESSED_SIDE = 16
"""Shorter side in pixels below which an image is not assessed."""

MAX_BLOCK_SCALE = 2.0
"""Scale above which shrinking removes the blocks of a JPEG file."""

TILES_PER_SIDE, TILE_SIDE = 4, 160
"""A large image is assessed at full resolution in a grid of square tiles with this side in pixels."""

MIN_SMALL_BLUR, MAX_TILE_BLUR = 1.5, 8.0
"""Blur in pixels of the small image and of the full image from which it is measured in the small image, since
tiles are too small for it. A weaker blur is measured in the tiles, since shrinking removes it."""

SHARP_BLUR = 0.7
"""Blur in pixels that is measured in the small version of a sharp image."""


@dataclass(frozen=True)
class ImageQuality:
    """Blur and noise of an image at its full resolution, for answers.

    Attributes:
        blur: The blur as in `ImageDamage`, in pixels of the full image.
        noise: The noise as in `ImageDamage`, between neighbouring pixels of the full image.
    """

    blur: float
    noise: float


@dataclass(frozen=True)
class ImageDamage:
    """Damage of an image at the size that encoders use.

    Attributes:
        blur: Sigma in pixels of the Gaussian that blurs a perfect edge like the edges of the image, as the
            median over its steepest 5 %. A sharp image has about 0.7; the value is 0 without enough edges.
        noise: Standard deviation in grey levels (0..255) of the variation between neighbouring pixels.
        brightest: BRIGHTNESS_QUANTILE of the largest channel of each pixel, 0..255.
        blocks: Ratio of the steps across borders of JPEG blocks to other steps; about 1 without blocks.
    """

    blur: float
    noise: float
    brightest: float
    blocks: float


def measure_damage(rgb: Rgb) -> ImageDamage:
    """Estimate the damage of an image uint8 [H, W, 3] in its own pixels."""
    grey = to_grey(rgb)
    brightest = float(np.quantile(rgb.max(axis=2), BRIGHTNESS_QUANTILE))
    return ImageDamage(estimate_blur([grey]), estimate_noise([grey]), brightest, estimate_blockiness(grey))


def to_grey(rgb: Rgb) -> Floats:
    """Convert uint8 [H, W, 3] to grey float32 [H, W] in 0..255."""
    grey: Floats = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return grey


def estimate_blur(parts: Sequence[Floats]) -> float:
    """Return the sigma in pixels of the blur of grey image parts float32 [H, W] in 0..255; 0 without edges.

    An edge of sigma s that is blurred by a Gaussian of sigma a has a gradient proportional to
    1 / sqrt(s^2 + a^2), so s follows from the ratio of its gradients after two blurs (Zhuo & Sim 2011,
    "Defocus map estimation from a single image").
    """
    fine, coarse = (
        np.concatenate([_gradient(grey, sigma) for grey in parts])
        for sigma in (FINE_GRADIENT_SIGMA, COARSE_GRADIENT_SIGMA)
    )
    edges = fine >= max(MIN_EDGE_GRADIENT, float(np.quantile(fine, 1 - EDGE_FRACTION)))
    if edges.sum() < MIN_EDGE_PIXELS:
        return 0.0
    ratio = float(np.median(fine[edges] / np.maximum(coarse[edges], 1e-6))) ** 2
    ratio = max(
        ratio,
        (MAX_MEASURED_BLUR**2 + COARSE_GRADIENT_SIGMA**2) / (MAX_MEASURED_BLUR**2 + FINE_GRADIENT_SIGMA**2),
    )
    return float(np.sqrt(max(0.0, (COARSE_GRADIENT_SIGMA**2 - ratio * FINE_GRADIENT_SIGMA**2) / (ratio - 1))))


def estimate_noise(parts: Sequence[Floats]) -> float:
    """Return the standard deviation of the noise in grey levels of image parts float32 [H, W].

    It is the deviation of the finest diagonal Haar coefficients (Donoho & Johnstone 1994, "Ideal spatial
    adaptation by wavelet shrinkage") in the smoothest tenth of small patches, where texture is not mistaken
    for noise (Olsen 1993, "Estimation of noise in images: an evaluation").
    """
    deviations = np.concatenate([_patch_deviations(_haar_diagonal(grey)) for grey in parts])
    return float(np.quantile(deviations, SMOOTH_PATCH_QUANTILE))


def estimate_blockiness(grey: Floats) -> float:
    """Return the ratio of the mean step across borders of 8 x 8 blocks to the other steps of float32 [H, W].

    It follows the first feature of Wang, Sheikh & Bovik 2002, "No-reference perceptual quality assessment of
    JPEG compressed images". The ratio is 1 if the image is too small.
    """
    across = np.abs(np.diff(grey, axis=1)).mean(axis=0)
    down = np.abs(np.diff(grey, axis=0)).mean(axis=1)
    return (_block_steps(across) + _block_steps(down)) / 2


def _block_steps(steps: Floats) -> float:
    borders = np.arange(len(steps)) % JPEG_BLOCK_SIDE == JPEG_BLOCK_SIDE - 1
    if not borders.any() or borders.all():
        return 1.0
    return float(steps[borders].mean() / max(float(steps[~borders].mean()), MIN_STEP_LEVELS))


def _haar_diagonal(grey: Floats) -> Floats:
    """Return the diagonal Haar coefficients [H - 1, W - 1] of a grey image [H, W]."""
    height, width = grey.shape
    a, b, c, d = (grey[y : height - 1 + y, x : width - 1 + x] for y, x in product((0, 1), (0, 1)))
    diagonal: Floats = (a - b - c + d) * np.float32(0.5)
    return diagonal


def _patch_deviations(coefficients: Floats) -> Floats:
    """Return the standard deviations [N] within square patches of coefficients [H, W]."""
    rows, columns = (side // NOISE_PATCH_SIDE for side in coefficients.shape)
    patches = coefficients[: rows * NOISE_PATCH_SIDE, : columns * NOISE_PATCH_SIDE].reshape(
        rows, NOISE_PATCH_SIDE, columns, NOISE_PATCH_SIDE
    )
    deviations: Floats = patches.std(axis=(1, 3)).ravel()
    return deviations


def _gradient(grey: Floats, sigma: float) -> Floats:
    """Return the flat gradient magnitudes after a Gaussian of `sigma`, in grey levels per pixel."""
    smooth = cv2.GaussianBlur(grey, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    rows, columns = np.gradient(smooth)
    lengths: Floats = np.hypot(rows, columns).astype(np.float32)
    return lengths.ravel()


NO_DAMAGE = ImageDamage(blur=0.0, noise=0.0, brightest=255.0, blocks=1.0)


@dataclass(frozen=True)
class DamageAssessment:
    """The damage of an image at two resolutions.

    Attributes:
        small: The image with at most ASSESSED_LONG_SIDE pixels a side, uint8 [h, w, 3].
        damage: The damage of the small image, but the blocks of the full image.
        quality: The blur and the noise of the full image.
    """

    small: Rgb
    damage: ImageDamage
    quality: ImageQuality


def assess_damage(rgb: Rgb) -> DamageAssessment:
    """Assess the damage of an image uint8 [H, W, 3]; an image that is too small counts as undamaged."""
    height, width = rgb.shape[:2]
    scale = max(height, width) / ASSESSED_LONG_SIDE
    if min(height, width) < MIN_ASSESSED_SIDE:
        return DamageAssessment(rgb, NO_DAMAGE, ImageQuality(NO_DAMAGE.blur, NO_DAMAGE.noise))
    if scale <= 1:
        damage = measure_damage(rgb)
        return DamageAssessment(rgb, damage, ImageQuality(damage.blur, damage.noise))
    size = max(MIN_ASSESSED_SIDE, round(width / scale)), max(MIN_ASSESSED_SIDE, round(height / scale))
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    grey = to_grey(rgb)
    blocks = estimate_blockiness(grey) if scale <= MAX_BLOCK_SCALE else 1.0
    damage = replace(measure_damage(small), blocks=blocks)
    tiles = list(_tiles(grey))
    large = damage.blur >= MIN_SMALL_BLUR and damage.blur * scale >= MAX_TILE_BLUR
    blur = float(np.sqrt(damage.blur**2 - SHARP_BLUR**2)) * scale if large else estimate_blur(tiles)
    return DamageAssessment(small, damage, ImageQuality(blur, estimate_noise(tiles)))


def _tiles(grey: Floats) -> Iterator[Floats]:
    """Yield tiles that are evenly spread over the image, or the whole image if it is not larger."""
    height, width = grey.shape
    for top in sorted({*np.linspace(0, max(0, height - TILE_SIDE), TILES_PER_SIDE).astype(int).tolist()}):
        for left in sorted({*np.linspace(0, max(0, width - TILE_SIDE), TILES_PER_SIDE).astype(int).tolist()}):
            yield grey[top : top + TILE_SIDE, left : left + TILE_SIDE]
