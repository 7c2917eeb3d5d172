"""Facts about a CLIP checkpoint besides its weights."""

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
        mean: Mean of each channel, for pixels in 0..1.
        std: Standard deviation of each channel, for pixels in 0..1.
        resize_mode: "shortest" scales the shorter side to `size` and crops the middle; "squash" scales both
            sides.
        interpolation: Filter of the antialiased resampling.
        logit_scale: Factor from a cosine to a logit, already exponentiated.
        context_length: Highest number of tokens of the text tower.
        region_size: Side in pixels of the input of the region tower; 0 without one.
        region_grid: Number of patches along that side.
        tokenizer: Kind of tokens that the text tower reads.
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
        """Read what `write` saved.

        Raises:
            TypeError: The file has other members.
        """
        members = json.loads((directory / META_FILE).read_text(encoding="utf-8"))
        return cls(**{**members, "mean": tuple(members["mean"]), "std": tuple(members["std"])})
