"""What a model says about itself."""

from dataclasses import dataclass
from typing import Literal

View = Literal["crop", "context", "blur", "twice", "attention"]
"""How a region can be shown to a labeller."""


@dataclass(frozen=True)
class ModelInfo:
    """Which model answered.

    Attributes:
        name: As in the manifest, e.g. "contour-lite0".
        sha256: Of its weight file; of the files' digests in order where there are several.
    """

    name: str
    sha256: str


@dataclass(frozen=True)
class SegmenterDefaults:
    """Values that suit one segmenter and not another.

    Attributes:
        quality_threshold: Grid candidates below it are dropped, 0..1.
        stability_threshold: Likewise for stability, 0..1.
        prompts_per_batch: How many prompts one `decode` call should get.
    """

    quality_threshold: float
    stability_threshold: float
    prompts_per_batch: int


@dataclass(frozen=True)
class TextPrompting:
    """How an encoder wants names written, and which view of a region suits it.

    Attributes:
        templates: Each with one "{}"; the vectors of all of them are averaged.
        view: Name of the default region view.
        batch_size: How many crops one `encode_images` call should get.
        side_by_side: Whether a call uses one core, so that a worker pool should make several at once.
        multilingual: Whether names are read in any language, so that none has to be put into English first.
    """

    templates: tuple[str, ...]
    view: View
    batch_size: int
    side_by_side: bool = False
    multilingual: bool = False

    def __post_init__(self) -> None:
        if not self.templates or any(t.count("{}") != 1 for t in self.templates):
            raise ValueError(f"expected templates with one {{}} each, got {self.templates}")
