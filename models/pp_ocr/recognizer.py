"""Puts a right-to-left line, read as it stands in the picture, into the order of speech."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from domain.text import RecognizedText
from models.runtime.onnx import OnnxGraph

LEFT_TO_RIGHT_RUN = re.compile(r"[a-zA-Z0-9 :*./%+-]+|.", re.DOTALL)
"""A run that is written left to right inside such a line (numbers, dates, Latin words), or one character. The
characters of a run are those of PaddleOCR's `BaseRecLabelDecode.pred_reverse`, which this follows."""


def to_logical_order(text: str) -> str:
    """The line from its right end to its left, runs of numbers and Latin letters left as they are."""
    return "".join(reversed(LEFT_TO_RIGHT_RUN.findall(text)))


BLANK_INDEX = 0

SPACE = " "

SPACE_PROBABILITY = 0.1
"""Between two characters this much for a space makes one. The most probable symbol there is nearly always the
blank, which says nothing of spaces; greedy decoding glues words together."""


def ctc_decode(probabilities: Floats, characters: Sequence[str]) -> RecognizedText:
    """The text that is most probable step by step, with the spaces that blanks hide.

    Args:
        probabilities: float32 [steps, symbols].
        characters: By symbol; the first is the blank, the last the space.
    """
    best = probabilities.argmax(axis=1)
    before = np.concatenate(([BLANK_INDEX], best[:-1]))
    space = len(characters) - 1
    starts = np.flatnonzero((best != BLANK_INDEX) & (best != before) & (best != space))
    if not len(starts):
        return RecognizedText("", 0.0)
    is_blank = (best == BLANK_INDEX) | (best == space)
    spaced = np.where(is_blank, probabilities[:, space], 0.0) >= SPACE_PROBABILITY
    text = characters[best[starts[0]]]
    for previous, start in pairwise(starts):
        text += SPACE * bool(spaced[previous:start].any()) + characters[best[start]]
    confidence = probabilities[starts, best[starts]].mean()
    return RecognizedText(" ".join(text.split()), min(float(confidence), 1.0))


class LineRecognizer:
    """Reads lines one by one, each at its own width. Stateless between calls, so threads share it.

    A batch would pad its lines to one width: wasted work, and a line's text would depend on the others.

    Args:
        graph: The recognition network; its metadata lists the characters.
        right_to_left: Its script runs so; the network reads lines as they stand in the picture all the same.
    """

    def __init__(self, graph: OnnxGraph, right_to_left: bool = False) -> None:
        self._graph = graph
        self.right_to_left = right_to_left
        self._characters = ["", *graph.metadata["character"].splitlines(), SPACE]

    def read(self, line: NDArray[np.uint8]) -> RecognizedText:
        """The text of a line, uint8 [48, W, 3] RGB."""
        # The networks were trained on BGR, scaled to -1..1.
        pixels = line[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 127.5 - 1
        (probabilities,) = self._graph.run({"x": pixels})
        reading = ctc_decode(probabilities[0], self._characters)
        return replace(reading, text=to_logical_order(reading.text)) if self.right_to_left else reading
