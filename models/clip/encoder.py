"""CLIP behind the ports `DualEncoder` and `RegionEncoder`, over the runtime that holds its towers."""

from collections.abc import Mapping, Sequence

import numpy as np

from domain.arrays import Floats, Mask, Rgb
from domain.batches import batched
from domain.models import ModelInfo, TextPrompting
from models.clip.meta import ClipMeta, TokenizerKind
from models.clip.network import ClipNetwork, RegionNetwork, TextTokenizer
from models.clip.preprocess import patch_coverage, preprocess_crop, preprocess_whole_image

PROMPT_TEMPLATES = (
    "itap of a {}.",
    "a bad photo of the {}.",
    "a origami {}.",
    "a photo of the large {}.",
    "a {} in a video game.",
    "art of the {}.",
    "a photo of the small {}.",
)
"""Seven prompt templates that a greedy search over OpenAI's 80 kept
(notebooks/Prompt_Engineering_for_ImageNet.ipynb of openai/CLIP)."""

MULTILINGUAL_TEMPLATES = ("{}", "a photo of {}")
"""Prompt templates for labels of any language: alone, so that no English stands around them, and in the form
most common in CLIP's training texts.

This choice is not measured: it needs published weights.
"""

CLIP_PROMPTING: Mapping[TokenizerKind, TextPrompting] = {
    "clip": TextPrompting(PROMPT_TEMPLATES, view="blur", batch_size=10),
    "xlm-roberta": TextPrompting(MULTILINGUAL_TEMPLATES, view="blur", batch_size=10, multilingual=True),
}
"""Prompting by the tokenizer of the text tower."""

REJECT_TEXTS = ("a photo of something", "a blurry background", "a texture", "a photo")
"""Texts that name nothing; their mean vector stands for the reject class."""

TEXT_BATCH_SIZE = 64


class ClipEncoder:
    """One CLIP checkpoint. It is stateless between calls.

    A vector does not depend on the other inputs of its call, up to rounding of at most 1e-5 a component.

    Args:
        info: Name and digest of the model.
        network: The image and text towers.
        tokenizer: Maps texts to token ids.
        meta: Preprocessing and constants of the checkpoint.
    """

    def __init__(
        self, info: ModelInfo, network: ClipNetwork, tokenizer: TextTokenizer, meta: ClipMeta
    ) -> None:
        self._info = info
        self._network = network
        self._tokenizer = tokenizer
        self._meta = meta
        self._reject_vector = _l2_normalise(self.encode_texts(REJECT_TEXTS).mean(axis=0, keepdims=True))[0]

    @property
    def info(self) -> ModelInfo:
        """Name and digest of the model."""
        return self._info

    @property
    def prompting(self) -> TextPrompting:
        """Prompt templates, default view and batch size."""
        return CLIP_PROMPTING[self._meta.tokenizer]

    @property
    def logit_scale(self) -> float:
        """Factor from a cosine to a logit, learnt with the weights."""
        return self._meta.logit_scale

    @property
    def naming_dims(self) -> int:
        """Zero: all components of CLIP's vectors describe the image."""
        return 0

    def encode_images(self, crops: Sequence[Rgb]) -> Floats:
        """Return unit vectors, float32 [N, D], of crops of any size.

        Raises:
            ValueError: A crop is not uint8 [H, W, 3].
        """
        return _l2_normalise(
            self._network.images(np.stack([preprocess_crop(crop, self._meta) for crop in crops]))
        )

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors, float32 [N, D], of texts; texts of similar length share a batch."""
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        parts = [
            self._network.texts(self._tokenizer([texts[index] for index in batch]))
            for batch in batched(order, TEXT_BATCH_SIZE)
        ]
        vectors: Floats = _l2_normalise(np.concatenate(parts))[np.argsort(order)]
        return vectors

    def token_ids(self, text: str) -> tuple[int, ...]:
        """Return the ids of the tokens; texts of equal ids have equal vectors."""
        return tuple(self._tokenizer([text])[0].tolist())

    def can_read(self, text: str) -> bool:  # noqa: ARG002
        """Return True: the tokenizers have tokens for all bytes."""
        return True

    def reject_similarities(self, images: Floats) -> Floats:
        """Return the cosine [N] of image vectors [N, D] with the mean vector of texts that name nothing.

        CLIP has not learnt a reject class; distractor texts are the outcome of openai/CLIP issue 44. This
        choice is not measured: it needs published weights.
        """
        cosines: Floats = images @ self._reject_vector
        return cosines


class RegionClipEncoder(ClipEncoder):
    """CLIP whose image tower can encode regions of a whole image.

    Args:
        info: Name and digest of the model.
        network: The image and text towers.
        tokenizer: Maps texts to token ids.
        meta: Preprocessing and constants of the checkpoint.
        regions: The region tower.
    """

    def __init__(
        self,
        info: ModelInfo,
        network: ClipNetwork,
        tokenizer: TextTokenizer,
        meta: ClipMeta,
        regions: RegionNetwork,
    ) -> None:
        super().__init__(info, network, tokenizer, meta)
        self._regions = regions

    def encode_regions(self, rgb: Rgb, masks: Sequence[Mask]) -> Floats:
        """Return unit vectors float32 [N, D] of the regions under `masks`, bool [h, w] over the image.

        All regions share one forward pass; the image is squashed to the tower's square, so that no region is
        cut off.

        Raises:
            ValueError: `rgb` is not uint8 [H, W, 3].
        """
        pixels = preprocess_whole_image(rgb, self._meta, self._meta.region_size)[None]
        return _l2_normalise(self._regions.regions(pixels, patch_coverage(masks, self._meta.region_grid)))


def _l2_normalise(features: Floats) -> Floats:
    unit: Floats = features / np.linalg.norm(features, axis=1, keepdims=True)
    return unit
