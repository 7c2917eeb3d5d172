"""SAM 2.1 as a segmenter: photographs and prompts in, candidates out."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats, Rgb
from domain.masks import Candidates, Embedding, Prompt
from domain.models import ModelInfo, SegmenterDefaults
from models.sam2 import choice
from models.sam2.inputs import Batch, batches
from models.sam2.network import Sam2Network
from models.sam2.pixels import to_pixels

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
        features = self._network.encode(to_pixels(rgb))
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
        parts = [self._decode(embedding, batch, quality_threshold) for batch in batches(prompts, embedding)]
        found = Candidates.concatenate(parts)
        return found.take(np.argsort(found.prompt_index, kind="stable"))

    def _decode(self, embedding: Embedding, batch: Batch, quality_threshold: float) -> Candidates:
        clicked = partial(choice.clicked, quality_threshold=quality_threshold)
        wanted = clicked if batch.is_ambiguous else choice.everything
        ious, logits = self._network.decode(embedding.arrays, batch.coords, batch.labels, wanted)
        row, mask = np.nonzero(wanted(ious))
        order = _order(ious, logits, row, mask, batch)
        quality = np.clip(ious[row, mask], 0.0, 1.0)[order]
        logits = logits[order]
        return Candidates(
            logits, np.array(batch.index, np.int64)[row[order]], quality, choice.stability(logits)
        )


def _order(
    ious: Floats, logits: Floats, row: NDArray[np.intp], mask: NDArray[np.intp], batch: Batch
) -> NDArray[np.int64]:
    """Indices of the drawn masks, prompt by prompt, best first."""
    if batch.is_ambiguous:
        return np.lexsort((-ious[row, mask], row)).astype(np.int64)
    masks = ious.shape[1]
    firsts = range(0, len(logits), masks)
    order = [
        first + each
        for first in firsts
        for each in choice.ordered(ious[first // masks], logits[first : first + masks])
    ]
    return np.array(order, np.int64)
