"""Writes packs of few small images, and reads the tables that benchmarks print."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

from config.settings import ROOT
from domain.arrays import Rgb

CAT = ROOT / "examples" / "cat.jpg"
PAGE_TEXT = "GRAND TOTAL 1250"


class Entry(NamedTuple):
    """An image of a pack: its pixels, its metadata, and its label map where it has one."""

    rgb: Rgb
    metadata: Mapping[str, Any]
    labels: NDArray[Any] | None = None


def write_pack(path: Path, entries: Mapping[str, Entry], classes: Sequence[str] = ()) -> Path:
    """Write a pack as `tools.training.packs` reads it; images that are the same object are encoded once."""
    files: dict[tuple[int, str], bytes] = {}
    with zipfile.ZipFile(path, "w") as made:
        for key, entry in entries.items():
            made.writestr(f"{key}.jpg", _encoded(entry.rgb[..., ::-1], id(entry.rgb), ".jpg", files))
            if entry.labels is not None:
                made.writestr(f"{key}.png", _encoded(entry.labels, id(entry.labels), ".png", files))
        made.writestr("index.json", json.dumps({key: dict(entry.metadata) for key, entry in entries.items()}))
        if classes:
            made.writestr("classes.json", json.dumps(list(classes)))
    return path


def _encoded(image: NDArray[Any], name: int, ending: str, files: dict[tuple[int, str], bytes]) -> bytes:
    if (name, ending) not in files:
        files[name, ending] = cv2.imencode(ending, np.ascontiguousarray(image))[1].tobytes()
    return files[name, ending]


def photograph(width: int, height: int, path: Path = CAT) -> Rgb:
    """An example photograph at this size."""
    with Image.open(path) as image:
        return np.asarray(ImageOps.fit(image.convert("RGB"), (width, height)))


def ellipse(width: int, height: int, number: int = 1) -> NDArray[np.uint8]:
    """A label map: an upright ellipse of this number in the middle of 0."""
    labels = np.zeros((height, width), np.uint8)
    axes = width // 5, height // 4
    return np.asarray(cv2.ellipse(labels, (width // 2, height // 2), axes, 0, 0, 360, number, -1), np.uint8)


def page() -> Entry:
    """A page with one line of text, square because detectors enlarge by the shorter side."""
    image = Image.new("RGB", (320, 320), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(28)
    x0, y0, x1, y1 = draw.textbbox((16, 24), PAGE_TEXT, font=font)
    draw.text((16, 24), PAGE_TEXT, "black", font)
    quad = [x0, y0, x1, y0, x1, y1, x0, y1]
    return Entry(np.asarray(image), {"lines": [{"quad": quad, "text": PAGE_TEXT}]})


def table(printed: str) -> dict[str, list[str]]:
    """The rows of all Markdown tables: the other cells by the first one."""
    rows = [line.strip("| ").split(" | ") for line in printed.splitlines() if line.startswith("| ")]
    return {first: rest for first, *rest in rows}
