"""Chooses the images of a pack that are evaluated."""

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

from tools.training.packs import Pack

KINDS = {
    "regions": "objects",
    "lines": "text",
    "annotators": "outlines",
    "label": "labels",
    "captions": "captions",
}
"""Kind of annotation, by the key of the metadata that holds it."""


@dataclass(frozen=True)
class Part:
    """Some images of a pack.

    Attributes:
        name: Name of the pack.
        pack: The pack.
        keys: Keys of the images.
    """

    name: str
    pack: Pack
    keys: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Part":
        """Return the images of `PACK.zip`, or of `PACK.zip:FIRST` those from number FIRST on, counted from 0.

        Raises:
            argparse.ArgumentTypeError: There is no such pack, or it has fewer images.
        """
        match = re.fullmatch(r"(.+?)(?::(\d+))?", text)
        path, first = (Path(match[1]), int(match[2] or 0)) if match else (Path(text), 0)
        try:
            pack = Pack(path)
        except OSError as error:
            raise argparse.ArgumentTypeError(f"{path}: {error.strerror}") from error
        keys = tuple(pack.index)[first:]
        if not keys:
            raise argparse.ArgumentTypeError(
                f"{path} has {len(pack.index)} photographs, none from {first} on"
            )
        return cls(path.stem, pack, keys)

    @property
    def kind(self) -> str:
        """Kind of annotation: `disparity`, one of KINDS, or `nothing`."""
        metadata = self.pack.index[self.keys[0]]
        if str(metadata.get("kind", "")).startswith("disparity"):
            return "disparity"
        return next((kind for key, kind in KINDS.items() if key in metadata), "nothing")
