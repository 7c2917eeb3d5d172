"""Opens an image file through Pillow: reads its header and its orientation, not its pixels."""

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Final

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from domain.arrays import Rgb
from domain.errors import InvalidImage, MalformedRequest, TooLarge, UnsupportedMedia
from services.images.formats import IMAGE_FORMATS, describe_bytes, detect_format
from services.images.upright import upright_rgb

_EXIF_ORIENTATION_TAG: Final = 0x0112

# The plugins themselves and not Image.open: its guard against decompression bombs raises before the size
# can be told. The plain JPEG reader takes the first picture of a phone's MPO file: the photograph.
_READERS: Final[Mapping[str, Callable[[IO[bytes]], ImageFile.ImageFile]]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "GIF": GifImagePlugin.GifImageFile,
}

_PILLOW_WARNING_FILTER: Final = ("ignore", None, Warning, re.compile(r"PIL\."), 0)


def image_format(data: bytes) -> str:
    """One of `IMAGE_FORMATS`, by the first bytes.

    Raises:
        MalformedRequest: No bytes.
        UnsupportedMedia: None of the formats.
    """
    if not data:
        raise MalformedRequest("expected the bytes of an image file, got an empty body")
    name = detect_format(data)
    if name is None:
        raise UnsupportedMedia(
            f"expected an image in one of the formats {', '.join(IMAGE_FORMATS)}, got {describe_bytes(data)}",
            {"formats": list(IMAGE_FORMATS)},
        )
    return name


def open_image(data: bytes, max_pixels: int | None = None) -> ImageFile.ImageFile:
    """The file with its header read and its pixels not; the caller checks the size.

    Args:
        data: The whole file.
        max_pixels: The limit to name where the canvas is beyond Pillow's guard; None names the guard.

    Raises:
        MalformedRequest: No bytes.
        UnsupportedMedia: None of the formats.
        InvalidImage: The header is broken.
        TooLarge: A canvas beyond Pillow's own guard (`raise_pillow_pixel_limit`).
    """
    name = image_format(data)
    _ignore_pillow_warnings()
    try:
        return _READERS[name](BytesIO(data))
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(name, max_pixels) from error
    except Exception as error:
        raise undecodable_image(name, "a readable header", error) from error


def undecodable_image(name: str, expected: str, error: Exception) -> InvalidImage:
    """The error for a file of format `name` that a reader gave up on."""
    reason = str(error) or type(error).__name__
    return InvalidImage(
        f"expected a {name} file with {expected}, got one that cannot be decoded: {reason}",
        {"format": name, "reason": reason},
    )


def exif_orientation(image: Image.Image) -> int:
    """EXIF orientation, 1 to 8, still to be applied to `image`; 1 where it is missing or malformed."""
    if image.format == "TIFF":  # its reader turns the pixels itself and tells the size as turned
        return 1
    try:
        # The base class's: a PNG's own would decode all pixels in search of a late EXIF chunk.
        value = Image.Image.getexif(image).get(_EXIF_ORIENTATION_TAG, 1)
    except Exception:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def raise_pillow_pixel_limit(max_pixels: int) -> None:
    """Let Pillow read in this process what the service's own limit allows; never lowers its guard.

    The guard is not switched off, since the GIF and WebP readers allocate a canvas with the header.
    """
    if Image.MAX_IMAGE_PIXELS is not None and max_pixels > Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = max_pixels


def _too_many_pixels(name: str, max_pixels: int | None) -> TooLarge:
    # Pillow warns at its constant, which is silenced, and raises at twice that.
    guard = 2 * (Image.MAX_IMAGE_PIXELS or 0)
    limit = guard if max_pixels is None else max_pixels
    return TooLarge(
        f"expected an image of at most {limit:,} pixels, got a {name} file of more than {guard:,}",
        {"max_pixels": limit},
    )


def _ignore_pillow_warnings() -> None:
    """Keep warnings about odd metadata out of the log, and from becoming errors.

    One filter for the process, set once: warnings.catch_warnings swaps global state, which is not
    safe in request threads.
    """
    if _PILLOW_WARNING_FILTER not in warnings.filters:
        warnings.filterwarnings("ignore", module=_PILLOW_WARNING_FILTER[3].pattern)


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
class ImageHeader:
    """What a file says about itself.

    Attributes:
        format: "JPEG", "PNG", "WEBP", "BMP", "TIFF" or "GIF".
        width: Pixels of the upright image.
        height: Pixels of the upright image.
    """

    format: str
    width: int
    height: int


def read_image_header(data: bytes, limits: ImageLimits) -> ImageHeader:
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
    raise_pillow_pixel_limit(limits.max_pixels)
    image = open_image(data, limits.max_pixels)
    width, height = image.size
    _check_size(width, height, limits)
    if exif_orientation(image) >= 5:
        width, height = height, width
    return ImageHeader(image_format(data), width, height)


def decode_image(data: bytes) -> Rgb:
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
        return upright_rgb(image, exif_orientation(image))
    except MemoryError:
        raise
    except Exception as error:  # readers raise nearly any type on corrupt bytes
        raise undecodable_image(image_format(data), "all of its pixels", error) from error


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
