"""Reads masks that callers send: COCO's run lengths, compressed or not, and PNG files, within limits."""

from collections.abc import Sequence
from threading import Lock

import numpy as np
from PIL import ImageFile
from pycocotools import mask as coco

from domain.arrays import Mask
from domain.errors import InvalidRequest, ServiceError
from domain.masks import Rle
from domain.run_lengths import MAX_RUNS, check_run_lengths, decompress_counts
from services.images.data_url import decode_data_url
from services.images.formats import detect_format
from services.images.readers import load_pixels, open_image
from services.images.tiff import TiffImage
from services.masks.formats import encode_rle

MAX_MASK_PIXELS = 2**31 - 1
"""Largest number of pixels of a mask in run lengths; COCO's counts have 32 bits."""

MAX_PNG_MASK_PIXELS = 100_000_000
"""Largest number of pixels of a mask in a PNG file, which exists in memory at that size."""

_PNG = "expected a PNG file as data:image/png;base64,..."

_GREY_MODES = ("1", "L", "I", "I;16")

_decoding = Lock()
"""Held while a PNG mask exists as pixels, so that the memory is that of one, however many calls there are."""


def rle_of_counts(height: int, width: int, counts: str | Sequence[int]) -> Rle:
    """Return the mask of COCO's counts: compressed text, or a list of run lengths, off the mask first.

    Raises:
        ValueError: The counts are not those of a mask of that size with a pixel on it.
    """
    if height * width > MAX_MASK_PIXELS:
        raise ValueError(f"expected a mask of at most {MAX_MASK_PIXELS:,} pixels, not {height} x {width}")
    if isinstance(counts, str):
        check_run_lengths(decompress_counts(counts), height, width)
        return Rle(height, width, counts)
    if not 0 < len(counts) <= MAX_RUNS:
        raise ValueError(f"expected 1 to {MAX_RUNS} run lengths, not {len(counts)}")
    check_run_lengths(np.array(counts, np.int64), height, width)
    code = coco.frPyObjects({"size": [height, width], "counts": [*counts]}, height, width)
    return Rle(height, width, code["counts"].decode("ascii"))


def rle_of_png(data_url: str) -> Rle:
    """Return the mask in a PNG file: the pixels that are neither black nor transparent.

    Args:
        data_url: The file as `data:image/png;base64,...`.

    Raises:
        ValueError: The text is in another form, or the file cannot be read, is too large, or has no such
            pixel.
    """
    try:
        data = decode_data_url(data_url)
    except InvalidRequest as error:
        raise ValueError(_PNG) from error
    if detect_format(data) != "PNG":
        raise ValueError(f"{_PNG}, not another file")
    try:
        with _decoding:
            rle = encode_rle(_pixels_on_mask(data))
    except ServiceError as error:
        raise ValueError(error.message) from error
    except (OSError, SyntaxError) as error:
        raise ValueError(f"{_PNG}, not one that cannot be decoded ({error})") from error
    check_run_lengths(decompress_counts(rle.counts), rle.height, rle.width)
    return rle


def _pixels_on_mask(data: bytes) -> Mask:
    image = open_image(data, "PNG", MAX_PNG_MASK_PIXELS)
    width, height = image.size
    if isinstance(image, TiffImage) or width * height > MAX_PNG_MASK_PIXELS:
        raise ValueError(
            f"expected a PNG file of at most {MAX_PNG_MASK_PIXELS:,} pixels, not {width} x {height}; "
            "masks in run lengths may have more"
        )
    loaded = load_pixels(image, data, "PNG")
    return _grey(loaded) if loaded.mode in _GREY_MODES else _coloured(loaded)


def _grey(image: ImageFile.ImageFile) -> Mask:
    return np.asarray(np.asarray(image) != 0, np.bool_)


def _coloured(image: ImageFile.ImageFile) -> Mask:
    red, green, blue, alpha = (np.asarray(band) for band in image.convert("RGBA").split())
    return np.asarray(((red | green | blue) > 0) & (alpha > 0), np.bool_)
