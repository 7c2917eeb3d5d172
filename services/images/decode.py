"""Turns an uploaded file into the upright RGB array, once its header has passed the limits."""

from dataclasses import dataclass

from domain.arrays import Rgb
from domain.errors import InvalidImage, TooLarge
from services.images.image_files import broken, format_of, lift_pillow_guard, open_image, orientation
from services.images.upright import upright_rgb


@dataclass(frozen=True)
class ImageLimits:
    """What an upload may be at most and at least.

    Attributes:
        max_bytes: Of the file.
        max_pixels: Width times height.
        min_side: Pixels of the shorter side.
    """

    max_bytes: int
    max_pixels: int
    min_side: int = 16


@dataclass(frozen=True)
class Header:
    """What a file says about itself.

    Attributes:
        format: "JPEG", "PNG", "WEBP", "BMP", "TIFF" or "GIF".
        width: Pixels of the upright image.
        height: Pixels of the upright image.
    """

    format: str
    width: int
    height: int


def inspect(data: bytes, limits: ImageLimits) -> Header:
    """Read the header alone and hold it against the limits; no pixel is decoded.

    An orientation that a PNG stores behind its pixels is seen by `decode` only.

    Raises:
        MalformedRequest: No bytes.
        TooLarge: Too many bytes, or too many pixels by the header.
        UnsupportedMedia: No image of a format that is read.
        InvalidImage: A broken header, or a side that is too short.
    """
    if len(data) > limits.max_bytes:
        raise TooLarge(
            f"expected an image file of at most {limits.max_bytes:,} bytes, got {len(data):,}",
            {"max_bytes": limits.max_bytes, "bytes": len(data)},
        )
    lift_pillow_guard(limits.max_pixels)
    image = open_image(data, limits.max_pixels)
    width, height = image.size
    _check_size(width, height, limits)
    if orientation(image) >= 5:
        width, height = height, width
    return Header(format_of(data), width, height)


def decode(data: bytes) -> Rgb:
    """The first picture of the file, upright: uint8 [H, W, 3], C-contiguous.

    EXIF orientation is applied and alpha composited on white. Colour profiles are not applied.

    Raises:
        MalformedRequest: No bytes.
        UnsupportedMedia: No image of a format that is read.
        InvalidImage: Truncated or corrupt; the message gives the reason.
        TooLarge: A canvas beyond Pillow's own guard, which `inspect` would have refused.
    """
    image = open_image(data)
    try:
        image.load()
        return upright_rgb(image, orientation(image))
    except MemoryError:
        raise
    except Exception as error:  # readers raise nearly any type on corrupt bytes
        raise broken(format_of(data), "all of its pixels", error) from error


def _check_size(width: int, height: int, limits: ImageLimits) -> None:
    came = {"width": width, "height": height}
    if width * height > limits.max_pixels:
        raise TooLarge(
            f"expected an image of at most {limits.max_pixels:,} pixels, "
            f"got {width}x{height} = {width * height:,}",
            {"max_pixels": limits.max_pixels, **came},
        )
    if min(width, height) < limits.min_side:
        raise InvalidImage(
            f"expected an image with sides of at least {limits.min_side} pixels, got {width}x{height}",
            {"min_side": limits.min_side, **came},
        )
