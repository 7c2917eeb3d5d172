"""Photographs for the speed benchmarks: the project's examples at the size asked for."""

import io
from pathlib import Path

from PIL import Image, ImageOps

from config.settings import ROOT

EXAMPLES = ROOT / "examples"


def examples() -> list[Path]:
    """The example photographs."""
    return sorted(EXAMPLES.glob("*.jpg"))


def jpeg(path: Path, width: int, height: int) -> bytes:
    """The photograph, cut and scaled to `width` x `height`, as a JPEG file."""
    with Image.open(path) as image:
        scaled = ImageOps.fit(image.convert("RGB"), (width, height), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    scaled.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()
