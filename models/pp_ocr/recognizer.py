"""Recognizer of text lines of PP-OCR, with CTC decoding and the order of right-to-left scripts."""

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
"""Pattern of a run that is written left to right inside a right-to-left line (numbers, dates, Latin words),
or of one character. The characters of a run are those of PaddleOCR's `BaseRecLabelDecode.pred_reverse`."""


def to_logical_order(text: str) -> str:
    """Return a right-to-left line, recognized from left to right, in logical order.

    Runs of numbers and Latin letters keep their order.
    """
    return "".join(reversed(LEFT_TO_RIGHT_RUN.findall(text)))


BLANK_INDEX = 0

SPACE = " "

SPACE_PROBABILITY = 0.1
"""Probability of a space between two characters from which one is inserted. The most probable symbol there is
nearly always the blank, so greedy decoding joins words."""


def ctc_decode(probabilities: Floats, characters: Sequence[str]) -> RecognizedText:
    """Decode the most probable text step by step (greedy CTC), with the spaces that blanks hide.

    Args:
        probabilities: Probabilities float32 [steps, symbols].
        characters: Characters by symbol; the first is the blank, the last the space.
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
    """Reads lines one by one, each at its own width. It is stateless, so threads can share it.

    A batch would pad its lines to one width, which wastes work and makes the text of a line depend on others.

    Args:
        graph: Recognition network; its metadata lists the characters.
        right_to_left: Whether the script is written from right to left; the network reads from left to right
            anyway.
    """

    def __init__(self, graph: OnnxGraph, right_to_left: bool = False) -> None:
        self._graph = graph
        self.right_to_left = right_to_left
        self._characters = ["", *graph.metadata["character"].splitlines(), SPACE]

    def read(self, line: NDArray[np.uint8]) -> RecognizedText:
        """Recognize the text of a line, uint8 [48, W, 3] RGB."""
        # The network was trained on BGR in -1..1.
        pixels = line[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 127.5 - 1
        (probabilities,) = self._graph.run({"x": pixels})
        reading = ctc_decode(probabilities[0], self._characters)
        return replace(reading, text=to_logical_order(reading.text)) if self.right_to_left else reading
