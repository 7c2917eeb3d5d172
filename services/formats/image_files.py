"""Makes the image files of a data set: upright, and in a format that all readers of data sets know."""

from collections.abc import Mapping
from io import BytesIO

from PIL import Image

from services.images.photo import Photo
from services.images.png import encode_png
from services.progress import Progress

_COPIED: Mapping[str, str] = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "BMP": ".bmp", "WEBP": ".webp"}
"""Suffixes of the formats, as Pillow names them, whose files are copied."""

_ORIENTATION_TAG = 0x0112

_TURNED = range(2, 9)


def dataset_image_file(data: bytes, photo: Photo, progress: Progress) -> tuple[str, bytes]:
    """Return the suffix and the bytes of the image file that a data set has for a photograph.

    A JPEG, PNG, BMP or WebP file of one frame, whose pixels are stored upright, keeps its bytes. Any other
    file, such as a JPEG that EXIF turns, becomes a PNG file of the upright pixels, because readers disagree
    about orientations and frames; nothing of the pixels is lost.

    Args:
        data: The file of the photograph.
        photo: The photograph.
        progress: Receives the stage of decoding it, if it is not decoded yet.
    """
    suffix = _copied_suffix(data, (photo.width, photo.height))
    return (suffix, data) if suffix else (".png", encode_png(photo.rgb(progress)))


def _copied_suffix(data: bytes, size: tuple[int, int]) -> str | None:
    """Return the suffix of a file that is copied, or None."""
    try:
        with Image.open(BytesIO(data), formats=("JPEG", "PNG", "BMP", "WEBP")) as image:
            image.load()
            kind, frames = image.format or "", getattr(image, "n_frames", 1)
            turned = image.getexif().get(_ORIENTATION_TAG) in _TURNED
            if turned or image.size != size or (frames > 1 and kind != "MPO"):
                return None
    except Exception:  # Readers raise nearly any type on bytes that only the service's own reader accepts.
        return None
    return _COPIED.get(kind)
