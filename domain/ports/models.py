"""What the services need from outside, as Protocols. Implementations live in models/ and adapters/."""

from collections.abc import Sequence
from typing import Protocol, TypeVar, runtime_checkable

from domain.arrays import Floats, Mask, Rgb
from domain.depth import DepthMap
from domain.masks import Candidates, Embedding, Prompt
from domain.models import ModelInfo, SegmenterDefaults, TextPrompting
from domain.text import Caption, RecognizedText

T_co = TypeVar("T_co", covariant=True)


class Segmenter(Protocol):
    """Proposes masks. Holds no request state: many threads share one."""

    @property
    def info(self) -> ModelInfo:
        """Name and hash."""

    @property
    def defaults(self) -> SegmenterDefaults:
        """Thresholds and batch size that suit it."""

    def encode(self, rgb: Rgb) -> Embedding:
        """The image, encoded once for any number of prompts."""

    def decode(
        self, embedding: Embedding, prompts: Sequence[Prompt], quality_threshold: float = 0.0
    ) -> Candidates:
        """Candidates of every prompt, the one to answer with first within a prompt.

        At least one a prompt; those whose quality is below `quality_threshold` may be left out, so that
        nothing is spent on them.
        """


class DualEncoder(Protocol):
    """Turns images and texts into unit vectors of one space. Holds no request state."""

    @property
    def info(self) -> ModelInfo:
        """Name and hash."""

    @property
    def prompting(self) -> TextPrompting:
        """Templates, default view and batch size that suit it."""

    @property
    def logit_scale(self) -> float:
        """A cosine times this is a logit."""

    @property
    def naming_dims(self) -> int:
        """How many numbers at the end of each vector are for naming only and say nothing of what is shown."""

    def encode_images(self, crops: Sequence[Rgb]) -> Floats:
        """Unit vectors [N, D]; a crop's vector does not depend on the others."""

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """Unit vectors [N, D]; a text's vector does not depend on the others."""

    def reject_similarities(self, images: Floats) -> Floats:
        """Cosine [N] at which "none of these names" stands among the names, for each image vector [N, D]."""


@runtime_checkable
class RegionEncoder(Protocol):
    """A DualEncoder that can also look at the whole photograph once and read regions out of it."""

    def encode_regions(self, rgb: Rgb, masks: Sequence[Mask]) -> Floats:
        """Unit vectors [N, D] of the regions under `masks`, each bool [h, w] over the whole photograph."""


@runtime_checkable
class SceneEncoder(Protocol):
    """A DualEncoder that reads a crop better when it has seen the whole photograph."""

    def encode_scene(self, rgb: Rgb) -> Floats:
        """What the photograph shows, float32 [F], for `encode_crops`."""

    def encode_crops(self, crops: Sequence[Rgb], scene: Floats) -> Floats:
        """Unit vectors [N, D] of crops of that photograph; a crop's vector does not depend on the others."""

    def encode_two_views(self, blurred: Sequence[Rgb], plain: Sequence[Rgb], scene: Floats) -> Floats:
        """Vectors [N, D] of regions of that photograph, each shown with blurred surroundings and as it is.

        They need not have unit length: how much the two looks agree is in it.
        """


class ModelProvider(Protocol[T_co]):
    """Gives a model that may still be loading, or may have failed to."""

    def get(self) -> T_co:
        """The loaded model.

        Raises:
            ModelUnavailable: It cannot be had; the message says what to do.
        """


class DepthEstimator(Protocol):
    """Says how far each pixel is. Holds no request state: many threads share one."""

    @property
    def info(self) -> ModelInfo:
        """Name and hash."""

    def estimate(self, rgb: Rgb) -> DepthMap:
        """Depth [H, W] of each pixel of `rgb`."""


class Captioner(Protocol):
    """Writes sentences about photographs. Holds no request state: many threads share it."""

    @property
    def info(self) -> ModelInfo:
        """Name and hash."""

    def caption(self, rgb: Rgb, count: int) -> list[Caption]:
        """The best sentence first; at least one, at most `count`."""


class TextReader(Protocol):
    """Finds lines of text and reads them. Holds no request state: many threads share one."""

    @property
    def info(self) -> ModelInfo:
        """Name and hash."""

    @property
    def right_to_left(self) -> bool:
        """Whether rows and columns of its script run so."""

    def detect(self, rgb: Rgb) -> Floats:
        """Lines float32 [N, 4, 2], in any order; corners clockwise, the image's top left one first."""

    def read(self, rgb: Rgb, quad: Floats) -> RecognizedText:
        """What the line inside `quad` [4, 2] says; its first corner is the top left of the text."""
