"""Opens image files with Pillow's readers, and loads the page or frame that is the photograph."""

import re
import warnings
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import IO, Final

import pi_heif
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from domain.errors import InvalidImage, MalformedRequest, ServiceError, TooLarge, UnsupportedMedia
from services.images.formats import IMAGE_FORMATS, describe_bytes, detect_format, unreadable_jpeg_process
from services.images.png_chunks import MAX_METADATA_BYTES, essential_png, png_frame_count
from services.images.tiff import TiffImage, open_tiff
from services.images.tiff_pages import read_tiff_pages

# The plugins are called directly, because the guard of Image.open against decompression bombs raises before
# the size can be reported. The plain JPEG reader takes the first image of a phone's MPO file: the photograph.
_READERS: Final[Mapping[str, Callable[[IO[bytes]], ImageFile.ImageFile]]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "HEIF": pi_heif.HeifImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
}

PngImagePlugin.MAX_TEXT_CHUNK = MAX_METADATA_BYTES

_PILLOW_WARNING_FILTER: Final = ("ignore", None, Warning, re.compile(r"PIL\."), 0)

_JPEG_END: Final = b"\xff\xd9"
_FILLER: Final = b"\x55" * 64


def image_format(data: bytes) -> str:
    """Return the one of `IMAGE_FORMATS` that the first bytes show.

    Raises:
        MalformedRequest: There are no bytes.
        UnsupportedMedia: The bytes are in none of the formats.
    """
    if not data:
        raise MalformedRequest("expected the bytes of an image file, got an empty body")
    name = detect_format(data)
    if name is None:
        raise _unsupported(describe_bytes(data))
    return name


def page_count(data: bytes) -> int:
    """Return the number of pages or frames of a file that can be read, without thumbnails; at least 1."""
    name = image_format(data)
    if name == "TIFF":
        return read_tiff_pages(data).count
    if name == "PNG":
        return png_frame_count(data)
    return int(getattr(_open_reader(name, data), "n_frames", 1))


def open_image(data: bytes, name: str, max_pixels: int | None) -> ImageFile.ImageFile | TiffImage:
    """Read the header of a file of format `name`; `max_pixels` is the limit that an error names.

    Raises:
        TooLarge: The header needs more pixels than Pillow's guard allows.
        UnsupportedMedia: The file is of a kind within its format that is not read.
        InvalidImage: The header cannot be read.
    """
    page = _photograph_page(data) if name == "TIFF" else 0
    try:
        if name == "TIFF" and not (tiff := open_tiff(data, page)).for_pillow:
            return tiff
        image = _open_reader(name, data)
        if page:
            image.seek(page)
    except ServiceError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(name, max_pixels) from error
    except Exception as error:
        raise undecodable(name, "a readable header", data, error) from error
    return image


def load_pixels(image: ImageFile.ImageFile, data: bytes, name: str) -> ImageFile.ImageFile:
    """Decode the pixels of an opened image, and return it, or one with the same pixels.

    The readers raise nearly any type of error on corrupt bytes.
    """
    size = image.size
    try:
        image.load()
    except OSError:
        whole = _load_jpeg_without_end(data, size) if name == "JPEG" else None
        if whole is None:
            raise
        return whole
    return image


def undecodable(name: str, expected: str, data: bytes, error: Exception) -> InvalidImage | UnsupportedMedia:
    """Return the error of a file of format `name` that its reader refused."""
    process = unreadable_jpeg_process(data) if name == "JPEG" else None
    if process:
        return _unsupported(f"a {process} JPEG")
    reason = str(error) or type(error).__name__
    return InvalidImage(
        f"expected a {name} file with {expected}, got one that cannot be decoded: {reason}",
        {"format": name, "reason": reason},
    )


def raise_pillow_pixel_limit(max_pixels: int) -> None:
    """Let Pillow read images of `max_pixels` in this process; its guard is never lowered.

    The guard is not switched off, since the GIF and WebP readers allocate a canvas with the header.
    """
    if Image.MAX_IMAGE_PIXELS is not None and max_pixels > Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = max_pixels


def _open_reader(name: str, data: bytes) -> ImageFile.ImageFile:
    _ignore_pillow_warnings()
    return _READERS[name](BytesIO(essential_png(data) if name == "PNG" else data))


def _photograph_page(data: bytes) -> int:
    pages = read_tiff_pages(data)
    if pages.camera_raw:
        raise _unsupported(
            "a camera raw file (a TIFF such as DNG, NEF or ARW), whose pages are only previews"
        )
    return pages.photograph


def _load_jpeg_without_end(data: bytes, size: tuple[int, int]) -> ImageFile.ImageFile | None:
    """Load a JPEG file that lacks its end marker; None where pixels are missing, too.

    libjpeg invents missing pixels from the bytes that follow. So if pixels are missing, they change with the
    bytes that are put before the end marker.
    """
    loaded = []
    for filler in (b"", _FILLER):
        image = JpegImagePlugin.JpegImageFile(BytesIO(data.removesuffix(_JPEG_END[:1]) + filler + _JPEG_END))
        if size != image.size:
            image.draft(None, size)
        try:
            image.load()
        except Exception:
            return None
        loaded.append(image)
    return loaded[0] if loaded[0].tobytes() == loaded[1].tobytes() else None


def _unsupported(got: str) -> UnsupportedMedia:
    return UnsupportedMedia(
        f"expected an image in one of the formats {', '.join(IMAGE_FORMATS)}, got {got}",
        {"formats": list(IMAGE_FORMATS)},
    )


def _too_many_pixels(name: str, max_pixels: int | None) -> TooLarge:
    # Pillow warns at its constant, which is silenced, and raises at twice that.
    guard = 2 * (Image.MAX_IMAGE_PIXELS or 0)
    limit = guard if max_pixels is None else max_pixels
    return TooLarge(
        f"expected an image of at most {limit:,} pixels, got a {name} file of more than {guard:,}",
        {"max_pixels": limit},
    )


def _ignore_pillow_warnings() -> None:
    """Keep Pillow's warnings about odd metadata out of the log, and from becoming errors.

    The filter is set once for the process, because warnings.catch_warnings swaps global state, which is not
    safe in request threads.
    """
    if _PILLOW_WARNING_FILTER not in warnings.filters:
        warnings.filterwarnings("ignore", module=_PILLOW_WARNING_FILTER[3].pattern)
