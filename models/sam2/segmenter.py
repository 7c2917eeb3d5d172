"""Which of a prompt's four masks are candidates, and in which order."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Rgb
from domain.masks import Candidates, Embedding, Prompt
from domain.models import ModelInfo, SegmenterDefaults
from models.sam2.inputs import PromptBatch, batch_prompts, preprocess_for_sam2
from models.sam2.network import Sam2Network

SINGLE_MASK_INDEX = 0
"""The mask for unambiguous prompts; the other three are nested answers to one click."""

DYNAMIC_MULTIMASK_STABILITY_DELTA, DYNAMIC_MULTIMASK_STABILITY_THRESHOLD = 0.05, 0.98
"""Meta's: an unsteady single mask gives way to the best of the others."""


def logit_stability(logits: Floats, offset: float = 1.0) -> Floats:
    """IoU of each mask [N, h, w] with itself under thresholds of +offset and -offset, float32 [N]."""
    inner = np.count_nonzero(logits > offset, axis=(1, 2))
    outer = np.count_nonzero(logits > -offset, axis=(1, 2))
    ratio = np.ones(len(logits), np.float32)
    np.divide(inner, outer, out=ratio, where=outer > 0, casting="same_kind")
    return ratio


def select_multimasks(ious: Floats, quality_threshold: float) -> NDArray[np.bool_]:
    """Of predicted IoUs [B, 4] of single clicks the nested masks that reach the threshold, bool [B, 4]."""
    wanted = ious >= quality_threshold
    wanted[:, SINGLE_MASK_INDEX] = False
    return wanted


def select_all_masks(ious: Floats) -> NDArray[np.bool_]:
    """All masks, bool [B, 4]."""
    return np.ones(ious.shape, np.bool_)


def order_multimasks(ious: Floats, logits: Floats) -> list[int]:
    """Masks of one unambiguous prompt, the one to answer with first, then by predicted IoU.

    The first is the single mask, or the best nested one where the single mask is not steady
    (`dynamic_multimask_via_stability` of Meta's decoder).

    Args:
        ious: float32 [4].
        logits: float32 [4, 256, 256].
    """
    nested = sorted(range(1, len(ious)), key=lambda mask: -ious[mask])
    steady = (
        logit_stability(logits[SINGLE_MASK_INDEX : SINGLE_MASK_INDEX + 1], DYNAMIC_MULTIMASK_STABILITY_DELTA)[
            0
        ]
        >= DYNAMIC_MULTIMASK_STABILITY_THRESHOLD
    )
    return [SINGLE_MASK_INDEX, *nested] if steady else [*nested, SINGLE_MASK_INDEX]


QUALITY_THRESHOLD, STABILITY_THRESHOLD = 0.8, 0.95
"""Those of Meta's SAM2AutomaticMaskGenerator."""


class Sam2Segmenter:
    """SAM 2.1 with no state between calls.

    Args:
        info: Name and hash.
        network: In whichever runtime.
    """

    def __init__(self, info: ModelInfo, network: Sam2Network) -> None:
        self._info = info
        self._network = network

    @property
    def info(self) -> ModelInfo:
        """Name and hash."""
        return self._info

    @property
    def defaults(self) -> SegmenterDefaults:
        """Meta's thresholds, and the batch that suits the runtime."""
        return SegmenterDefaults(QUALITY_THRESHOLD, STABILITY_THRESHOLD, self._network.prompts_per_batch)

    def encode(self, rgb: Rgb) -> Embedding:
        """What decoding needs of an upright photograph, uint8 [H, W, 3]: 27 MB whatever its size.

        Raises:
            ValueError: Not uint8 [H, W, 3].
        """
        features = self._network.encode(preprocess_for_sam2(rgb))
        return Embedding(features, rgb.shape[0], rgb.shape[1], self._info.name)

    def decode(
        self, embedding: Embedding, prompts: Sequence[Prompt], quality_threshold: float = 0.0
    ) -> Candidates:
        """Up to three nested candidates of a click, four of a box or of several points; best first.

        Args:
            embedding: From `encode`.
            prompts: At least one, in pixels of the upright photograph.
            quality_threshold: Clicks' candidates below it are not drawn.
        """
        parts = [
            self._decode(embedding, batch, quality_threshold) for batch in batch_prompts(prompts, embedding)
        ]
        found = Candidates.concatenate(parts)
        return found.take(np.argsort(found.prompt_index, kind="stable"))

    def _decode(self, embedding: Embedding, batch: PromptBatch, quality_threshold: float) -> Candidates:
        clicked = partial(select_multimasks, quality_threshold=quality_threshold)
        wanted = clicked if batch.is_ambiguous else select_all_masks
        ious, logits = self._network.decode(embedding.arrays, batch.coords, batch.labels, wanted)
        row, mask = np.nonzero(wanted(ious))
        order = _mask_order(ious, logits, row, mask, batch)
        quality = np.clip(ious[row, mask], 0.0, 1.0)[order]
        logits = logits[order]
        return Candidates(
            logits, np.array(batch.index, np.int64)[row[order]], quality, logit_stability(logits)
        )


def _mask_order(
    ious: Floats, logits: Floats, row: NDArray[np.intp], mask: NDArray[np.intp], batch: PromptBatch
) -> NDArray[np.int64]:
    """Indices of the drawn masks, prompt by prompt, best first."""
    if batch.is_ambiguous:
        return np.lexsort((-ious[row, mask], row)).astype(np.int64)
    masks = ious.shape[1]
    firsts = range(0, len(logits), masks)
    order = [
        first + each
        for first in firsts
        for each in order_multimasks(ious[first // masks], logits[first : first + masks])
    ]
    return np.array(order, np.int64)
