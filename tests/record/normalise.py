"""Replaces what is different in every run (ids, dates, durations), and describes images."""

import base64
import hashlib
import io
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

DATA_URL = re.compile(r"data:(image/[a-z]+);base64,(.+)", re.DOTALL)
HEX_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)")
GRID = 8
"""Cells along each side of a thumbnail."""


class Normaliser:
    """Normalises the answers of one case.

    Args:
        names: Placeholders by the text that they stand for. Other ids become `<id 1>`, `<id 2>` and so on,
            in the order in which they appear.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._ids: dict[str, str] = {}

    def value(self, value: Any, member: str = "") -> Any:
        """Return a JSON value without what is different in every run; `member` is its name."""
        if member == "timings_ms":
            return sorted(value)
        if member == "mask" and not isinstance(value, str):
            return _mask(value)
        if isinstance(value, dict):
            return {self.text(key): self.value(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.value(inner) for inner in value]
        if isinstance(value, str):
            url = DATA_URL.fullmatch(value)
            return image_facts(base64.b64decode(url[2]), url[1]) if url else self.text(value)
        return value

    def text(self, text: str) -> str:
        """Return a text with placeholders for known texts, ids and dates."""
        for known, name in self._names.items():
            text = text.replace(known, name)
        text = HEX_ID.sub(lambda found: self._placeholder(found[0]), text)
        return DATE.sub("<date>", text)

    def _placeholder(self, found: str) -> str:
        return self._ids.setdefault(found, f"<id {len(self._ids) + 1}>")


def image_facts(data: bytes, mime: str) -> dict[str, Any]:
    """Describe an image file by its type, size, mean colours and hash."""
    with Image.open(io.BytesIO(data)) as image:
        return {"mime": mime, "width": image.width, "height": image.height, **_facts(image, data)}


def npy_facts(data: bytes) -> dict[str, Any]:
    """Describe an array of float32 [H, W] in numpy's file format; its thumbnail spans its range."""
    array = np.load(io.BytesIO(data))
    least, largest = float(array.min()), float(array.max())
    grey = Image.fromarray(np.uint8(255 * (array - least) / (largest - least)))
    shape = {"dtype": str(array.dtype), "shape": list(array.shape), "min": least, "max": largest}
    return {**shape, **_facts(grey, data)}


def digest(data: bytes | str) -> str:
    """Return the SHA-256 of bytes or of a text."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def _facts(image: Image.Image, data: bytes) -> dict[str, Any]:
    """Return the mean colours of 8 x 8 cells, a hexadecimal line for each row, and the hash of the file."""
    if image.mode.startswith("I"):  # Pillow clips 16 bits to 8 where it converts them.
        image = Image.fromarray(np.uint8(np.asarray(image).astype(np.uint32) >> 8))
    cells = np.asarray(image.convert("RGB").resize((GRID, GRID), Image.Resampling.BOX))
    return {"thumb": [row.tobytes().hex() for row in cells], "exact": digest(data)}


def _mask(mask: Any) -> dict[str, Any]:
    """Describe a mask as RLE or as polygons; the entry that it belongs to has its box and its area."""
    if isinstance(mask, dict):
        return {"size": mask["size"], "exact": digest(mask["counts"])}
    return {"polygons": len(mask), "exact": digest(repr(mask))}
