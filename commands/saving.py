"""Writes answers with overlays where the caller wants them."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from api.contract.segment_answer import SegmentAnswer
from commands.answering import write_json
from commands.photographs import target

PNG_PREFIX = "data:image/png;base64,"

A = TypeVar("A", bound=SegmentAnswer)


@dataclass(frozen=True)
class Destination:
    """Where the answers of one command go.

    Attributes:
        out: File of the overlay, or the folder of several; None draws none.
        json_out: Likewise for the JSON.
        several: Whether these are folders.
    """

    out: Path | None
    json_out: Path | None
    several: bool

    def save(self, answer: A, file: Path, tell: Callable[[A, Path], None]) -> None:
        """Write the answer about `file`; `tell` it where nothing shall be written."""
        if self.out is not None:
            png = base64.b64decode((answer.segmented_image or "").removeprefix(PNG_PREFIX))
            target(self.out, file, ".png", self.several).write_bytes(png)
        if self.json_out is not None:
            write_json(answer, target(self.json_out, file, ".json", self.several))
        if self.out is None and self.json_out is None:
            tell(answer, file)
