"""Which of a prompt's four masks are candidates, and in which order."""

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats

SINGLE = 0
"""The mask for unambiguous prompts; the other three are nested answers to one click."""

STABILITY_DELTA, STABILITY_THRESHOLD = 0.05, 0.98
"""Meta's: an unsteady single mask gives way to the best of the others."""


def stability(logits: Floats, offset: float = 1.0) -> Floats:
    """IoU of each mask [N, h, w] with itself under thresholds of +offset and -offset, float32 [N]."""
    inner = np.count_nonzero(logits > offset, axis=(1, 2))
    outer = np.count_nonzero(logits > -offset, axis=(1, 2))
    ratio = np.ones(len(logits), np.float32)
    np.divide(inner, outer, out=ratio, where=outer > 0, casting="same_kind")
    return ratio


def clicked(ious: Floats, quality_threshold: float) -> NDArray[np.bool_]:
    """Of predicted IoUs [B, 4] of single clicks the nested masks that reach the threshold, bool [B, 4]."""
    wanted = ious >= quality_threshold
    wanted[:, SINGLE] = False
    return wanted


def everything(ious: Floats) -> NDArray[np.bool_]:
    """All masks, bool [B, 4]."""
    return np.ones(ious.shape, np.bool_)


def ordered(ious: Floats, logits: Floats) -> list[int]:
    """Masks of one unambiguous prompt, the one to answer with first, then by predicted IoU.

    The first is the single mask, or the best nested one where the single mask is not steady
    (`dynamic_multimask_via_stability` of Meta's decoder).

    Args:
        ious: float32 [4].
        logits: float32 [4, 256, 256].
    """
    nested = sorted(range(1, len(ious)), key=lambda mask: -ious[mask])
    steady = stability(logits[SINGLE : SINGLE + 1], STABILITY_DELTA)[0] >= STABILITY_THRESHOLD
    return [SINGLE, *nested] if steady else [*nested, SINGLE]
