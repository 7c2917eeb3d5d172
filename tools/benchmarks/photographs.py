"""Prepares photographs for the benchmarks of speed and memory."""

import argparse
import io
import re
from pathlib import Path

from PIL import Image, ImageOps

from config.settings import ROOT

EXAMPLES = ROOT / "examples"
"""Folder of the example photographs."""

SIZE = (640, 480)
"""Usual width and height in pixels."""


def examples() -> list[Path]:
    """Return the paths of the example photographs."""
    return sorted(EXAMPLES.glob("*.jpg"))


def jpeg(path: Path, width: int, height: int) -> bytes:
    """Return the photograph as a JPEG file, cropped and resized to `width` x `height`."""
    with Image.open(path) as image:
        scaled = ImageOps.fit(image.convert("RGB"), (width, height), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    scaled.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def parse_size(text: str) -> tuple[int, int]:
    """Return width and height of a size such as `640x480`, for argparse.

    Raises:
        argparse.ArgumentTypeError: The text is not a size.
    """
    match = re.fullmatch(r"(\d+)x(\d+)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"expected WIDTHxHEIGHT, got {text!r}")
    return int(match[1]), int(match[2])
