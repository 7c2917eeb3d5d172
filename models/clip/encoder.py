"""CLIP behind the DualEncoder and RegionEncoder ports, over whichever runtime holds its towers."""

from collections.abc import Mapping, Sequence

import numpy as np

from domain.arrays import Floats, Mask, Rgb
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
"""The seven that a greedy search over OpenAI's 80 kept (notebooks/Prompt_Engineering_for_ImageNet.ipynb)."""

MULTILINGUAL_TEMPLATES = ("{}", "a photo of {}")
"""For names of any language: alone, so that no English stands around them, and as CLIP learnt them most.

A choice that awaits published weights to be measured.
"""

CLIP_PROMPTING: Mapping[TokenizerKind, TextPrompting] = {
    "clip": TextPrompting(PROMPT_TEMPLATES, view="blur", batch_size=10),
    "xlm-roberta": TextPrompting(MULTILINGUAL_TEMPLATES, view="blur", batch_size=10, multilingual=True),
}
"""By whose tokens the text tower reads."""

REJECT_TEXTS = ("a photo of something", "a blurry background", "a texture", "a photo")
"""Texts that name nothing: their mean stands for "none of these names"."""

TEXT_BATCH_SIZE = 64


class ClipEncoder:
    """One CLIP checkpoint, with no state between calls.

    A vector does not depend on what else is in its call, up to float rounding: at most 1e-5 a component.

    Args:
        info: Name and hash.
        network: The towers.
        tokenizer: Texts to ids.
        meta: Preprocessing and constants.
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
        """Name and hash."""
        return self._info

    @property
    def prompting(self) -> TextPrompting:
        """Templates, view and batch size that suit the encoder."""
        return CLIP_PROMPTING[self._meta.tokenizer]

    @property
    def logit_scale(self) -> float:
        """A cosine times this is a logit; learnt with the weights."""
        return self._meta.logit_scale

    @property
    def naming_dims(self) -> int:
        """None: CLIP's vectors are what is shown."""
        return 0

    def encode_images(self, crops: Sequence[Rgb]) -> Floats:
        """Unit vectors, float32 [N, D], of crops of any size.

        Raises:
            ValueError: A crop is not uint8 [H, W, 3].
        """
        return _l2_normalise(
            self._network.images(np.stack([preprocess_crop(crop, self._meta) for crop in crops]))
        )

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, float32 [N, D]; texts of about the same length go together."""
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        batches = [order[start : start + TEXT_BATCH_SIZE] for start in range(0, len(order), TEXT_BATCH_SIZE)]
        parts = [self._network.texts(self._tokenizer([texts[index] for index in batch])) for batch in batches]
        vectors: Floats = _l2_normalise(np.concatenate(parts))[np.argsort(order)]
        return vectors

    def reject_similarities(self, images: Floats) -> Floats:
        """Cosine [N] of image vectors [N, D] with what texts that name nothing have in common.

        CLIP has learnt no "none of these"; distractor texts are what openai/CLIP issue 44 comes to. A choice
        that awaits published weights to be measured.
        """
        cosines: Floats = images @ self._reject_vector
        return cosines


class RegionClipEncoder(ClipEncoder):
    """A CLIP whose image tower can read regions out of a whole photograph.

    Args:
        info: Name and hash.
        network: The towers.
        tokenizer: Texts to ids.
        meta: Preprocessing and constants.
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
        """Unit vectors float32 [N, D] of the regions under `masks`, bool [h, w] over the photograph.

        One forward for all; the photograph is squashed to the tower's square, so that no region is cut off.

        Raises:
            ValueError: `rgb` is not uint8 [H, W, 3].
        """
        pixels = preprocess_whole_image(rgb, self._meta, self._meta.region_size)[None]
        return _l2_normalise(self._regions.regions(pixels, patch_coverage(masks, self._meta.region_grid)))


def _l2_normalise(features: Floats) -> Floats:
    unit: Floats = features / np.linalg.norm(features, axis=1, keepdims=True)
    return unit
