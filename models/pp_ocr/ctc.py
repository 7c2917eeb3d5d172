"""Turns what the recognizer says of each step along a line into text (CTC, Graves et al., 2006)."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from domain.arrays import Floats
from domain.text import Reading

BLANK = 0
SPACE = " "

SPACE_PROBABILITY = 0.1
"""Between two characters this much for a space makes one. The most probable symbol there is nearly always the
blank, which says nothing of spaces; greedy decoding glues words together."""


def decode(probabilities: Floats, characters: Sequence[str]) -> Reading:
    """The text that is most probable step by step, with the spaces that blanks hide.

    Args:
        probabilities: float32 [steps, symbols].
        characters: By symbol; the first is the blank, the last the space.
    """
    best = probabilities.argmax(axis=1)
    before = np.concatenate(([BLANK], best[:-1]))
    space = len(characters) - 1
    starts = np.flatnonzero((best != BLANK) & (best != before) & (best != space))
    if not len(starts):
        return Reading("", 0.0)
    silent = (best == BLANK) | (best == space)
    spaced = np.where(silent, probabilities[:, space], 0.0) >= SPACE_PROBABILITY
    text = characters[best[starts[0]]]
    for previous, start in pairwise(starts):
        text += SPACE * bool(spaced[previous:start].any()) + characters[best[start]]
    confidence = probabilities[starts, best[starts]].mean()
    return Reading(" ".join(text.split()), min(float(confidence), 1.0))
