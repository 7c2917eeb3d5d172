"""Encodes images and masks as PNG files."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Mask, Rgb


def encode_png(image: Rgb | Mask) -> bytes:
    """Encode the image as a PNG file; the same image gives the same bytes.

    Args:
        image: uint8 [H, W, 3] RGB or [H, W, 4] RGBA, or bool [H, W], which is written as 8-bit grey 0 or 255.

    Raises:
        ValueError: The array has another dtype or number of axes.
    """
    # Strategy and filter were chosen by measuring: on photographs smaller than level 1's defaults in 2/3 of
    # the time, on masks a third of the size in a quarter of the time.
    line_filter = cv2.IMWRITE_PNG_FILTER_NONE if image.dtype == np.bool_ else cv2.IMWRITE_PNG_FILTER_PAETH
    options = [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE, cv2.IMWRITE_PNG_FILTER, line_filter]
    data = cv2.imencode(".png", _samples(image), [cv2.IMWRITE_PNG_COMPRESSION, 1, *options])[1]
    return data.tobytes()


def encode_cutout(rgb: Rgb, mask: Mask) -> bytes:
    """Encode the pixels of `rgb` uint8 [H, W, 3] in the mask bool [H, W] as RGBA; others are transparent."""
    rgba = np.zeros((*mask.shape, 4), np.uint8)
    rgba[mask, :3] = rgb[mask]
    rgba[mask, 3] = 255
    return encode_png(rgba)


def encode_ids(ids: NDArray[np.integer[Any]]) -> bytes:
    """Encode numbers below 2**24 [H, W] in COCO's panoptic colours, where id = R + 256 G + 65536 B."""
    channels = [ids & 255, ids >> 8 & 255, ids >> 16]
    return encode_png(np.stack(channels, axis=2).astype(np.uint8))


def encode_smooth_png(image: Rgb | NDArray[np.uint16]) -> bytes:
    """Encode a smooth image such as a depth map as a PNG file; the same image gives the same bytes.

    Args:
        image: uint8 [H, W, 3] RGB, or uint16 [H, W], which is written as 16-bit grey.

    Raises:
        ValueError: The array has another dtype or number of axes.
    """
    # Higher levels hardly make smooth images smaller.
    return cv2.imencode(".png", _samples(image), [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()


def _samples(image: NDArray[Any]) -> NDArray[Any]:
    """Return the array that OpenCV writes for `image`."""
    match image.dtype.name, image.shape:
        case "uint8", (_, _, 3):
            return cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        case "uint8", (_, _, 4):
            return cv2.cvtColor(image, cv2.COLOR_RGBA2BGRA)
        case "bool", (_, _):
            return image.view(np.uint8) * np.uint8(255)
        case "uint16", (_, _):
            return image
    raise ValueError(
        f"expected uint8 [H, W, 3 or 4], bool [H, W] or uint16 [H, W], got {image.dtype} {list(image.shape)}"
    )
