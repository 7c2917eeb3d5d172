"""Makes the upright sRGB image of the samples of a file."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from domain.arrays import Rgb
from domain.image import Background
from services.images import samples as strips
from services.images.color_profile import Conversion, srgb_conversion
from services.images.pillow_samples import pillow_samples
from services.images.samples import DecodedImage, Samples
from services.images.transparency import lay_on_background

# Position of the file's pixels in the upright array by EXIF orientation: transposed, row step, column step.
_EXIF_ORIENTATIONS: Final = {
    1: (False, 1, 1),
    2: (False, 1, -1),
    3: (False, -1, -1),
    4: (False, -1, 1),
    5: (True, 1, 1),
    6: (True, -1, 1),
    7: (True, -1, -1),
    8: (True, 1, -1),
}


def upright_rgb(image: Image.Image) -> Rgb:
    """Return a loaded Pillow image as `upright_image` makes it, uint8 [H, W, 3]."""
    return upright_image(pillow_samples(image)).rgb


def upright_image(samples: Samples) -> DecodedImage:
    """Return the samples in sRGB, on a background where they are transparent, turned by their orientation."""
    conversion, problem = srgb_conversion(samples.model, samples.profile)
    transposed, row_step, column_step = _EXIF_ORIENTATIONS[samples.orientation]
    shape = (samples.width, samples.height) if transposed else (samples.height, samples.width)
    rgb: Rgb = np.empty((*shape, 3), np.uint8)
    as_stored = (rgb.swapaxes(0, 1) if transposed else rgb)[::row_step, ::column_step]
    background = _fill(samples, conversion, as_stored)
    warnings = samples.warnings if problem is None else (*samples.warnings, problem)
    return DecodedImage(rgb, background, warnings)


def _fill(samples: Samples, conversion: Conversion, target: Rgb) -> Background | None:
    """Write the pixels as they are stored to `target` [H, W, 3]; return the background."""
    alpha: NDArray[np.uint8] | None = None
    if samples.transparency != "none":
        alpha = np.empty(target.shape[:2], np.uint8)
    rows = max(1, strips.PIXELS_PER_STRIP // samples.width)
    for top in range(0, samples.height, rows):
        bottom = min(top + rows, samples.height)
        colors, strip_alpha = samples.rows(top, bottom)
        target[top:bottom] = conversion(colors)
        if alpha is not None and strip_alpha is not None:
            alpha[top:bottom] = strip_alpha
    return None if alpha is None else lay_on_background(target, alpha, samples.transparency)
