"""Which photographs of a pack are judged."""

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
"""What a pack is of, by a key that the metadata of its photographs have."""


@dataclass(frozen=True)
class Part:
    """Some photographs of a pack.

    Attributes:
        name: Of the pack.
        pack: The pack.
        keys: Of the photographs.
    """

    name: str
    pack: Pack
    keys: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Part":
        """The photographs of `PACK.zip`, or of `PACK.zip:FIRST` those from that one on, counted from 0.

        Raises:
            argparse.ArgumentTypeError: There is no such pack, or it has not so many photographs.
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
        """`disparity` or one of KINDS: what is annotated; else `nothing`."""
        about = self.pack.index[self.keys[0]]
        if str(about.get("kind", "")).startswith("disparity"):
            return "disparity"
        return next((kind for key, kind in KINDS.items() if key in about), "nothing")
