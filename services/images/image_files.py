"""Opens an image file through Pillow: reads its header and its orientation, not its pixels."""

import re
import warnings
from collections.abc import Callable, Mapping
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

from domain.errors import InvalidImage, MalformedRequest, TooLarge, UnsupportedMedia
from services.images.formats import FORMATS, describe, sniff

_ORIENTATION: Final = 0x0112

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

_QUIET: Final = ("ignore", None, Warning, re.compile(r"PIL\."), 0)


def format_of(data: bytes) -> str:
    """One of `FORMATS`, by the first bytes.

    Raises:
        MalformedRequest: No bytes.
        UnsupportedMedia: None of the formats.
    """
    if not data:
        raise MalformedRequest("expected the bytes of an image file, got an empty body")
    name = sniff(data)
    if name is None:
        raise UnsupportedMedia(
            f"expected an image in one of the formats {', '.join(FORMATS)}, got {describe(data)}",
            {"formats": list(FORMATS)},
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
        TooLarge: A canvas beyond Pillow's own guard (`lift_pillow_guard`).
    """
    name = format_of(data)
    _silence_pillow()
    try:
        return _READERS[name](BytesIO(data))
    except Image.DecompressionBombError as error:
        raise _beyond_guard(name, max_pixels) from error
    except Exception as error:
        raise broken(name, "a readable header", error) from error


def broken(name: str, expected: str, error: Exception) -> InvalidImage:
    """The error for a file of format `name` that a reader gave up on."""
    reason = str(error) or type(error).__name__
    return InvalidImage(
        f"expected a {name} file with {expected}, got one that cannot be decoded: {reason}",
        {"format": name, "reason": reason},
    )


def orientation(image: Image.Image) -> int:
    """EXIF orientation, 1 to 8, still to be applied to `image`; 1 where it is missing or malformed."""
    if image.format == "TIFF":  # its reader turns the pixels itself and tells the size as turned
        return 1
    try:
        # The base class's: a PNG's own would decode all pixels in search of a late EXIF chunk.
        value = Image.Image.getexif(image).get(_ORIENTATION, 1)
    except Exception:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def lift_pillow_guard(max_pixels: int) -> None:
    """Let Pillow read in this process what the service's own limit allows; never lowers its guard.

    The guard is not switched off, since the GIF and WebP readers allocate a canvas with the header.
    """
    if Image.MAX_IMAGE_PIXELS is not None and max_pixels > Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = max_pixels


def _beyond_guard(name: str, max_pixels: int | None) -> TooLarge:
    # Pillow warns at its constant, which is silenced, and raises at twice that.
    guard = 2 * (Image.MAX_IMAGE_PIXELS or 0)
    limit = guard if max_pixels is None else max_pixels
    return TooLarge(
        f"expected an image of at most {limit:,} pixels, got a {name} file of more than {guard:,}",
        {"max_pixels": limit},
    )


def _silence_pillow() -> None:
    """Keep warnings about odd metadata out of the log, and from becoming errors.

    One filter for the process, set once: warnings.catch_warnings swaps global state, which is not
    safe in request threads.
    """
    if _QUIET not in warnings.filters:
        warnings.filterwarnings("ignore", module=_QUIET[3].pattern)
