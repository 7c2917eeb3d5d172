"""Ports of the models. Their implementations are in models/."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from domain.arrays import Floats, Mask, Rgb
from domain.depth import DepthMap
from domain.masks import Candidates, Embedding, Prompt
from domain.models import ModelInfo, SegmenterDefaults, TextPrompting
from domain.text import Caption, DetectedLines, RecognizedText

T_co = TypeVar("T_co", covariant=True)


class ModelStatus(Protocol):
    """Model whose state can be read without waiting."""

    @property
    def state(self) -> str:
        """State `ready`, `loading`, or the reason of the failure."""

    @property
    def info(self) -> ModelInfo:
        """Name and digest of the model, known before it is loaded."""


class Segmenter(Protocol):
    """Proposes masks for prompts. It is stateless, so many threads can share one."""

    @property
    def info(self) -> ModelInfo:
        """Name and digest of the model."""

    @property
    def defaults(self) -> SegmenterDefaults:
        """Default thresholds and batch size."""

    def encode(self, rgb: Rgb) -> Embedding:
        """Encode an image, uint8 [H, W, 3] upright, once for any number of prompts."""

    def decode(
        self, embedding: Embedding, prompts: Sequence[Prompt], quality_threshold: float = 0.0
    ) -> Candidates:
        """Return the candidates of every prompt, the best answer first within a prompt.

        There is at least one candidate for each prompt, except that those with a predicted IoU below
        `quality_threshold`, 0..1, may be left out, so that no work is spent on them.

        Args:
            embedding: Result of `encode` of the same model.
            prompts: At least one, in pixels of the upright image.
            quality_threshold: Lowest predicted IoU that the caller needs.
        """


class DualEncoder(Protocol):
    """Encodes images and texts to unit vectors of one space. It is stateless between calls."""

    @property
    def info(self) -> ModelInfo:
        """Name and digest of the model."""

    @property
    def prompting(self) -> TextPrompting:
        """Prompt templates, default view and batch size."""

    @property
    def logit_scale(self) -> float:
        """Factor from a cosine to a logit."""

    @property
    def naming_dims(self) -> int:
        """Number of trailing vector components used for labelling only (reject score, novelty bonus).

        Drop them before images are compared with each other.
        """

    def encode_images(self, crops: Sequence[Rgb]) -> Floats:
        """Return unit vectors float32 [N, D] of crops; a vector does not depend on the other crops."""

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors float32 [N, D] of texts; a vector does not depend on the other texts."""

    def reject_similarities(self, images: Floats) -> Floats:
        """Return the cosine [N] of the reject class for each image vector of `images` [N, D]."""


@runtime_checkable
class RegionEncoder(Protocol):
    """DualEncoder that can encode regions from one pass over the whole image."""

    def encode_regions(self, rgb: Rgb, masks: Sequence[Mask]) -> Floats:
        """Return unit vectors [N, D] of the regions under `masks`, each bool [h, w] over the whole image."""


@runtime_checkable
class SceneEncoder(Protocol):
    """DualEncoder that encodes a crop better with the scene around it."""

    def encode_scene(self, rgb: Rgb) -> Floats:
        """Return the features of the whole image, float32 [F], for `encode_crops`."""

    def encode_crops(self, crops: Sequence[Rgb], scene: Floats) -> Floats:
        """Return unit vectors [N, D] of crops of that image; a vector does not depend on the other crops."""

    def encode_two_views(self, blurred: Sequence[Rgb], plain: Sequence[Rgb], scene: Floats) -> Floats:
        """Return vectors [N, D] of regions, each shown with blurred surroundings and as it is.

        They need not have unit length: the more the two views agree, the longer they are.
        """


class ModelProvider(Protocol[T_co]):
    """Gives a model that may still be loading, or that could not be loaded."""

    def get(self) -> T_co:
        """Return the model, loaded if necessary.

        Raises:
            ModelUnavailable: It cannot be loaded; the message says what to do.
        """


class DepthEstimator(Protocol):
    """Estimates the depth of each pixel. It is stateless, so many threads can share one."""

    @property
    def info(self) -> ModelInfo:
        """Name and digest of the model."""

    def estimate(self, rgb: Rgb) -> DepthMap:
        """Return the depth [H, W] of each pixel of `rgb`, uint8 [H, W, 3] upright."""


class Captioner(Protocol):
    """Writes captions. It is stateless, so many threads can share one."""

    @property
    def info(self) -> ModelInfo:
        """Name and digest of the model."""

    def caption(self, rgb: Rgb, count: int) -> list[Caption]:
        """Return captions, best first, at least one and at most `count`."""


class TextReader(Protocol):
    """Finds lines of text and reads them. It is stateless, so many threads can share one."""

    @property
    def info(self) -> ModelInfo:
        """Name and digest of the model."""

    @property
    def right_to_left(self) -> bool:
        """True if its script is written from right to left."""

    def detect(self, rgb: Rgb, listener: Callable[[int, int], None]) -> DetectedLines:
        """Return lines in any order.

        Args:
            rgb: Image uint8 [H, W, 3].
            listener: Receives the number of parts of the image that are searched, and of all, after each
                one; it may raise to end the work.
        """

    def read(self, rgb: Rgb, quad: Floats) -> RecognizedText:
        """Read the line inside `quad`, float32 [4, 2], whose first corner is the top left of the text."""
