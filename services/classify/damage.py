"""Estimates how blurred, noisy, dark and blocky a picture is, from its pixels alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import cv2
import numpy as np

from domain.arrays import Floats, Rgb

FINE_GRADIENT_SIGMA, COARSE_GRADIENT_SIGMA = 1.0, 2.0
"""Sigmas in pixels of the two Gaussians whose gradients are compared."""

EDGE_FRACTION = 0.05
"""Share of the pixels that are taken for edges: those with the steepest gradients."""

MIN_EDGE_GRADIENT = 4.0
"""Grey levels a pixel below which a gradient is no edge; fewer than FEWEST edges tell nothing."""

MIN_EDGE_PIXELS = 20

MAX_MEASURED_BLUR = 16.0
"""Largest sigma that is told; so soft an edge is hardly one."""

NOISE_PATCH_SIDE, SMOOTH_PATCH_QUANTILE = 15, 0.1
"""Side in pixels of the patches that noise is looked for in, and the share of them that is smooth."""

BRIGHTNESS_QUANTILE = 0.98
"""Quantile that stands for the brightest of a picture: a lamp in it does not make it bright."""

JPEG_BLOCK_SIDE = 8
"""Side of the blocks of JPEG."""

MIN_STEP_LEVELS = 2.0
"""Grey levels; where a picture is so smooth that other steps are smaller, steps are judged by this."""


@dataclass(frozen=True)
class ImageQuality:
    """What is wrong with a photograph, as people are told.

    Attributes:
        blur: As that of `ImageDamage`, in pixels of the photograph.
        noise: As that of `ImageDamage`, from one pixel of the photograph to the next.
    """

    blur: float
    noise: float


@dataclass(frozen=True)
class ImageDamage:
    """What is wrong with a picture of the size that encoders see.

    Attributes:
        blur: Sigma in pixels of the Gaussian that would blur sharp edges as its edges are blurred: the median
            over its steepest 5 %. A sharp photograph has about 0.7; 0 where there are no edges to judge by.
        noise: Deviation in grey levels (0..255) of what varies from one pixel to the next.
        brightest: Quantile BRIGHTEST of its pixels' largest channel, 0..255.
        blocks: How much larger steps between the blocks of a JPEG file are than other steps; at most about 1:
            no blocks.
    """

    blur: float
    noise: float
    brightest: float
    blocks: float


def measure_damage(rgb: Rgb) -> ImageDamage:
    """Estimates for a picture uint8 [H, W, 3], in its own pixels."""
    grey = to_grey(rgb)
    brightest = float(np.quantile(rgb.max(axis=2), BRIGHTNESS_QUANTILE))
    return ImageDamage(estimate_blur([grey]), estimate_noise([grey]), brightest, estimate_blockiness(grey))


def to_grey(rgb: Rgb) -> Floats:
    """float32 [H, W] in 0..255 of uint8 [H, W, 3]."""
    grey: Floats = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return grey


def estimate_blur(parts: Sequence[Floats]) -> float:
    """Sigma of the blur of a picture, of which `parts` are shown, float32 [H, W] in 0..255; 0 without edges.

    An edge of sigma s that is blurred by a Gaussian of a has a gradient proportional to 1 / sqrt(s^2 + a^2),
    so the ratio of its gradients after two blurs tells s (Zhuo & Sim 2011, "Defocus map estimation from a
    single image").
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
    """Deviation of the noise of a picture, of which `parts` are shown, float32 [H, W], in its grey levels.

    That of the finest diagonal Haar coefficients (Donoho & Johnstone 1994, "Ideal spatial adaptation by
    wavelet shrinkage") in the smoothest tenth of small patches, where texture is not taken for noise
    (Olsen 1993, "Estimation of noise in images: an evaluation").
    """
    deviations = np.concatenate([_patch_deviations(_diagonal(grey)) for grey in parts])
    return float(np.quantile(deviations, SMOOTH_PATCH_QUANTILE))


def estimate_blockiness(grey: Floats) -> float:
    """Mean step between neighbours across the borders of 8 x 8 blocks, by that elsewhere, of float32 [H, W].

    After the first feature of Wang, Sheikh & Bovik 2002, "No-reference perceptual quality assessment of JPEG
    compressed images". 1 where the picture is too small to tell.
    """
    across = np.abs(np.diff(grey, axis=1)).mean(axis=0)
    down = np.abs(np.diff(grey, axis=0)).mean(axis=1)
    return (_block_steps(across) + _block_steps(down)) / 2


def _block_steps(steps: Floats) -> float:
    borders = np.arange(len(steps)) % JPEG_BLOCK_SIDE == JPEG_BLOCK_SIDE - 1
    if not borders.any() or borders.all():
        return 1.0
    return float(steps[borders].mean() / max(float(steps[~borders].mean()), MIN_STEP_LEVELS))


def _diagonal(grey: Floats) -> Floats:
    height, width = grey.shape
    a, b, c, d = (grey[y : height - 1 + y, x : width - 1 + x] for y, x in product((0, 1), (0, 1)))
    diagonal: Floats = (a - b - c + d) * np.float32(0.5)
    return diagonal


def _patch_deviations(coefficients: Floats) -> Floats:
    """Deviations [N] within patches of PATCH x PATCH of [H, W], H and W no less than that."""
    rows, columns = (side // NOISE_PATCH_SIDE for side in coefficients.shape)
    patches = coefficients[: rows * NOISE_PATCH_SIDE, : columns * NOISE_PATCH_SIDE].reshape(
        rows, NOISE_PATCH_SIDE, columns, NOISE_PATCH_SIDE
    )
    deviations: Floats = patches.std(axis=(1, 3)).ravel()
    return deviations


def _gradient(grey: Floats, sigma: float) -> Floats:
    """Lengths of the gradient after a Gaussian of `sigma`, in grey levels a pixel, flat."""
    smooth = cv2.GaussianBlur(grey, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    rows, columns = np.gradient(smooth)
    lengths: Floats = np.hypot(rows, columns).astype(np.float32)
    return lengths.ravel()


ASSESSED_LONG_SIDE = 320
"""Pixels along the longer side of the small picture: no encoder here reads more."""

MIN_ASSESSED_SIDE = 16
"""Pixels of the shorter side of what can be judged."""

MAX_BLOCK_SCALE = 2.0
"""Shrunk by more than this, the blocks of a JPEG file are gone."""

TILES_PER_SIDE, TILE_SIDE = 4, 160
"""A large photograph is judged in its own pixels by TILES x TILES tiles of TILE pixels a side."""

MIN_SMALL_BLUR, MAX_TILE_BLUR = 1.5, 8.0
"""A blur of so many pixels of the small picture, and of so many of the photograph's own, is measured in the
small one: tiles are too small for it. Any other is measured in the tiles: small pictures are all sharp."""

SHARP_BLUR = 0.7
"""Pixels; what a small picture shows of a sharp photograph."""

NO_DAMAGE = ImageDamage(blur=0.0, noise=0.0, brightest=255.0, blocks=1.0)


@dataclass(frozen=True)
class DamageAssessment:
    """What is wrong with a photograph.

    Attributes:
        small: It, at most SIDE pixels a side, uint8 [h, w, 3]; at least LEAST_SIDE where it has as many.
        damage: What is wrong with that; blocks are those of the photograph.
        quality: What is wrong with the photograph, in its own pixels.
    """

    small: Rgb
    damage: ImageDamage
    quality: ImageQuality


def assess_damage(rgb: Rgb) -> DamageAssessment:
    """What is wrong with a photograph uint8 [H, W, 3]; nothing that could be told where it is too small."""
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
    """Evenly spread over the picture; all of it where it is not larger than they are."""
    height, width = grey.shape
    for top in sorted({*np.linspace(0, max(0, height - TILE_SIDE), TILES_PER_SIDE).astype(int).tolist()}):
        for left in sorted({*np.linspace(0, max(0, width - TILE_SIDE), TILES_PER_SIDE).astype(int).tolist()}):
            yield grey[top : top + TILE_SIDE, left : left + TILE_SIDE]
