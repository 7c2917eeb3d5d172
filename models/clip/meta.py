"""What has to be known of a CLIP checkpoint besides its weights."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

META_FILE = "clip.json"
"""Name of the file in an exported directory."""

ResizeMode = Literal["shortest", "squash"]
Interpolation = Literal["bicubic", "bilinear"]
TokenizerKind = Literal["clip", "xlm-roberta"]


@dataclass(frozen=True)
class ClipMeta:
    """Preprocessing and constants of one checkpoint.

    Attributes:
        size: Pixels along each side of the image tower's square input.
        mean: Of each channel, for pixels in 0..1.
        std: Likewise.
        resize_mode: "shortest" scales the shorter side to `size` and cuts the middle out; "squash" fits both.
        interpolation: How pixels are resampled, antialiased.
        logit_scale: A cosine times this is a logit (already exponentiated).
        context_length: Tokens the text tower takes at most.
        region_size: Side in pixels of the input of the region tower; 0: the architecture has none.
        region_grid: Patches along that side.
        tokenizer: Whose tokens the text tower reads.
    """

    size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    resize_mode: ResizeMode
    interpolation: Interpolation
    logit_scale: float
    context_length: int
    region_size: int = 0
    region_grid: int = 0
    tokenizer: TokenizerKind = "clip"

    def write(self, directory: Path) -> None:
        """Save as JSON beside the graphs."""
        (directory / META_FILE).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, directory: Path) -> "ClipMeta":
        """What `write` saved.

        Raises:
            TypeError: The file has other members.
        """
        members = json.loads((directory / META_FILE).read_text(encoding="utf-8"))
        return cls(**{**members, "mean": tuple(members["mean"]), "std": tuple(members["std"])})
