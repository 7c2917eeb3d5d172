"""SAM 2.1 behind the port `Segmenter`, and the order of the four masks of a prompt."""

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
"""Index of the mask for unambiguous prompts; the other three are nested answers to one click."""

DYNAMIC_MULTIMASK_STABILITY_DELTA, DYNAMIC_MULTIMASK_STABILITY_THRESHOLD = 0.05, 0.98
"""Meta's values: a single mask below this stability score gives way to the best of the other masks."""


def logit_stability(logits: Floats, offset: float = 1.0) -> Floats:
    """Return the stability score of each mask, float32 [N].

    It is the IoU of a mask of `logits` [N, h, w] with itself under thresholds of +offset and -offset.
    """
    inner = np.count_nonzero(logits > offset, axis=(1, 2))
    outer = np.count_nonzero(logits > -offset, axis=(1, 2))
    ratio = np.ones(len(logits), np.float32)
    np.divide(inner, outer, out=ratio, where=outer > 0, casting="same_kind")
    return ratio


def select_multimasks(ious: Floats, quality_threshold: float) -> NDArray[np.bool_]:
    """Select the nested masks of clicks that reach the threshold: predicted IoUs [B, 4] to bool [B, 4]."""
    selected = ious >= quality_threshold
    selected[:, SINGLE_MASK_INDEX] = False
    return selected


def select_all_masks(ious: Floats) -> NDArray[np.bool_]:
    """Select all masks: predicted IoUs [B, 4] to bool [B, 4]."""
    return np.ones(ious.shape, np.bool_)


def order_multimasks(ious: Floats, logits: Floats) -> list[int]:
    """Return the indices of the masks of one unambiguous prompt, the best answer first.

    The first one is the single mask, or the best nested mask where the single mask is unstable
    (`dynamic_multimask_via_stability` of Meta's decoder); the others follow by predicted IoU.

    Args:
        ious: Predicted IoUs, float32 [4].
        logits: float32 [4, 256, 256].
    """
    nested = sorted(range(1, len(ious)), key=lambda mask: -ious[mask])
    single = logits[SINGLE_MASK_INDEX : SINGLE_MASK_INDEX + 1]
    stability = logit_stability(single, DYNAMIC_MULTIMASK_STABILITY_DELTA)[0]
    stable = stability >= DYNAMIC_MULTIMASK_STABILITY_THRESHOLD
    return [SINGLE_MASK_INDEX, *nested] if stable else [*nested, SINGLE_MASK_INDEX]


QUALITY_THRESHOLD, STABILITY_THRESHOLD = 0.8, 0.95
"""Default thresholds of Meta's SAM2AutomaticMaskGenerator."""


class Sam2Segmenter:
    """SAM 2.1. It is stateless between calls.

    Args:
        info: Name and digest of the model.
        network: Network in any runtime.
    """

    def __init__(self, info: ModelInfo, network: Sam2Network) -> None:
        self._info = info
        self._network = network

    @property
    def info(self) -> ModelInfo:
        """Name and digest of the model."""
        return self._info

    @property
    def defaults(self) -> SegmenterDefaults:
        """Meta's thresholds, and the batch size that suits the runtime."""
        return SegmenterDefaults(QUALITY_THRESHOLD, STABILITY_THRESHOLD, self._network.prompts_per_batch)

    def encode(self, rgb: Rgb) -> Embedding:
        """Encode an upright image, uint8 [H, W, 3], to features of 27 MB whatever its size.

        Raises:
            ValueError: `rgb` is not uint8 [H, W, 3].
        """
        features = self._network.encode(preprocess_for_sam2(rgb))
        return Embedding(features, rgb.shape[0], rgb.shape[1])

    def decode(
        self, embedding: Embedding, prompts: Sequence[Prompt], quality_threshold: float = 0.0
    ) -> Candidates:
        """Return up to three nested candidates of a click, and four of any other prompt, best first.

        Args:
            embedding: Result of `encode`.
            prompts: At least one, in pixels of the upright image.
            quality_threshold: Lowest predicted IoU of the candidates of a click; masks below it are not
                computed.
        """
        parts = [
            self._decode(embedding, batch, quality_threshold) for batch in batch_prompts(prompts, embedding)
        ]
        found = Candidates.concatenate(parts)
        return found.take(np.argsort(found.prompt_index, kind="stable"))

    def _decode(self, embedding: Embedding, batch: PromptBatch, quality_threshold: float) -> Candidates:
        multimasks = partial(select_multimasks, quality_threshold=quality_threshold)
        select = multimasks if batch.is_ambiguous else select_all_masks
        ious, logits = self._network.decode(embedding.arrays, batch.coords, batch.labels, select, batch.masks)
        row, mask = np.nonzero(select(ious))
        order = _mask_order(ious, logits, row, mask, batch)
        quality = np.clip(ious[row, mask], 0.0, 1.0)[order]
        logits = logits[order]
        return Candidates(
            logits, np.array(batch.index, np.int64)[row[order]], quality, logit_stability(logits)
        )


def _mask_order(
    ious: Floats, logits: Floats, row: NDArray[np.intp], mask: NDArray[np.intp], batch: PromptBatch
) -> NDArray[np.int64]:
    """Return the order of the decoded masks, prompt by prompt, best first."""
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
