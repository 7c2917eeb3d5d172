"""Reads image packs: zips of `<key>.jpg`, mostly `<key>.png` (label maps), index.json, maybe classes.json."""

import json
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Rgb

LabelMap = NDArray[np.uint8]
"""uint8 [H, W]; the pack decides what the numbers mean, and 0 is void."""


class Pack:
    """One pack, open for reading.

    Args:
        path: The zip.

    Attributes:
        name: The name of the file without its ending.
        index: The metadata of every image by its key, in the order of the pack.

    Raises:
        FileNotFoundError: The zip does not exist.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self._zip = zipfile.ZipFile(path)
        self.index: dict[str, dict[str, Any]] = json.loads(self._zip.read("index.json"))

    @property
    def classes(self) -> dict[int, str]:
        """Class names by their number in the label maps; empty without a classes.json."""
        if "classes.json" not in self._zip.namelist():
            return {}
        return dict(enumerate(json.loads(self._zip.read("classes.json"))))

    def image(self, key: str) -> Rgb:
        """Return the image, uint8 [H, W, 3] RGB.

        Raises:
            KeyError: The pack has no such image.
            ValueError: The bytes are not an image.
        """
        return np.ascontiguousarray(self._decode(f"{key}.jpg", cv2.IMREAD_COLOR)[:, :, ::-1])

    def labels(self, key: str) -> LabelMap:
        """Return the label map, uint8 [H, W], or uint16 in a pack of disparities.

        The maps of several annotators stand side by side: [H, W * annotators].

        Raises:
            KeyError: The pack has no such map.
            ValueError: The bytes are not an image.
        """
        return self._decode(f"{key}.png", cv2.IMREAD_UNCHANGED)

    def annotator_maps(self, key: str) -> list[LabelMap]:
        """Return the label map [H, W] of each annotator; one map where the index names no number.

        Raises:
            KeyError: The pack has no such map.
            ValueError: The bytes are not an image.
        """
        return np.split(self.labels(key), int(self.index[key].get("annotators", 1)), axis=1)

    def _decode(self, name: str, flags: int) -> NDArray[Any]:
        image = cv2.imdecode(np.frombuffer(self._zip.read(name), np.uint8), flags)
        if image is None:
            raise ValueError(f"expected {name} to be an image, got bytes that do not decode")
        return image
