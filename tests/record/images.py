"""Makes the images of the record from the example photographs of the checkout."""

import io
import random
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

PHOTOGRAPHS = ("photo", "cat", "astronaut")
PAGE = Path(__file__).with_name("page.png")
"""A page with two columns of text."""

MAX_UPLOAD_BYTES, MAX_IMAGE_PIXELS = 2_000_000, 4_000_000
"""Limits of the recorded service; two of the images are beyond them."""

EXIF_ORIENTATION, QUARTER_TURN = 0x0112, 6


def images(examples: Path) -> Mapping[str, bytes]:
    """Return the files of all images by name."""
    photographs = {name: (examples / f"{name}.jpg").read_bytes() for name in PHOTOGRAPHS}
    cat = Image.open(io.BytesIO(photographs["cat"]))
    page = Image.open(PAGE)
    return {
        **photographs,
        "page": PAGE.read_bytes(),
        "turned page": _file(page.transpose(Image.Transpose.ROTATE_90)),
        "small cat": _file(cat.resize((300, 200))),
        "blurred cat": _file(cat.filter(ImageFilter.GaussianBlur(5))),
        **_formats(cat),
        **_refused(photographs["cat"]),
    }


def _formats(cat: Image.Image) -> dict[str, bytes]:
    """Return one photograph in the formats and modes that an upload may have."""
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = QUARTER_TURN
    grey = np.asarray(cat.convert("L"))
    alpha = cat.convert("RGBA")
    alpha.putalpha(Image.fromarray(np.where(grey > 100, 255, 40).astype(np.uint8)))
    return {
        "turned": _file(cat.transpose(Image.Transpose.ROTATE_90), exif=exif),
        "alpha": _file(alpha),
        "grey": _file(Image.fromarray(grey.astype(np.uint16) * 257)),
        "palette": _file(cat.quantize(64), "GIF"),
        "webp": _file(cat, "WEBP", lossless=True),
        "bmp": _file(cat, "BMP"),
        "tiff": _file(cat, "TIFF"),
        "cmyk": _file(cat.convert("CMYK"), "JPEG"),
    }


def _refused(photograph: bytes) -> dict[str, bytes]:
    """Return files that cannot be uploaded."""
    return {
        "tiny": _file(Image.new("RGB", (15, 40))),
        "huge": _file(Image.new("L", (2001, 2000))),
        "heavy": random.Random(0).randbytes(MAX_UPLOAD_BYTES + 1),
        "cut": photograph[:3000],
        "prose": b"This is no image.",
        "empty": b"",
    }


def _file(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()
