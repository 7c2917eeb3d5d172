"""Recognizer of text lines of PP-OCR, with CTC decoding and the order of right-to-left scripts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from domain.text import RecognizedText
from models.pp_ocr.crops import STEP_PX, LinePiece
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


SEAM_STEPS = 3
"""Number of steps in a row that are blank in two pieces where these are joined."""


@dataclass(frozen=True)
class CtcSteps:
    """All that is decoded of the probabilities of a line; the probabilities of all symbols are much larger.

    Attributes:
        best: int64 [T], the most probable symbol of each step.
        probability: float32 [T], its probability.
        space: float32 [T], probability of the space.
        blank: float32 [T], probability of the blank.
    """

    best: NDArray[np.int64]
    probability: Floats
    space: Floats
    blank: Floats

    def __len__(self) -> int:
        return len(self.best)

    @classmethod
    def of(cls, probabilities: Floats) -> "CtcSteps":
        """Take the steps of probabilities float32 [T, symbols], of which the last is the space."""
        best = probabilities.argmax(axis=1)
        highest: Floats = np.take_along_axis(probabilities, best[:, None], axis=1)[:, 0]
        return cls(best, highest, probabilities[:, -1].copy(), probabilities[:, BLANK_INDEX].copy())

    def between(self, start: int, stop: int) -> "CtcSteps":
        """Return the steps from `start` to before `stop`."""
        part = slice(start, stop)
        return CtcSteps(self.best[part], self.probability[part], self.space[part], self.blank[part])

    def join(self, after: "CtcSteps", start: int) -> "CtcSteps":
        """Return the line of these steps and of `after`, whose first step is step `start` of the line.

        Both know the steps that they share. They are joined where both are surest of a blank, so that no
        letter is doubled or lost.
        """
        shared = len(self) - start
        sure = np.minimum(self.blank[start:], after.blank[:shared])
        runs = np.minimum.reduce(
            [sure[shift : shared - SEAM_STEPS + 1 + shift] for shift in range(SEAM_STEPS)]
        )
        seam = int(runs.argmax()) + SEAM_STEPS // 2
        return CtcSteps.concatenate(self.between(0, start + seam), after.between(seam, len(after)))

    @classmethod
    def concatenate(cls, one: "CtcSteps", other: "CtcSteps") -> "CtcSteps":
        """Return the steps of both, in order."""
        return cls(
            np.concatenate([one.best, other.best]),
            np.concatenate([one.probability, other.probability]),
            np.concatenate([one.space, other.space]),
            np.concatenate([one.blank, other.blank]),
        )


def ctc_decode(steps: CtcSteps, characters: Sequence[str]) -> RecognizedText:
    """Decode the most probable text step by step (greedy CTC), with the spaces that blanks hide.

    Args:
        steps: The steps of a line.
        characters: Characters by symbol; the first is the blank, the last the space.
    """
    best = steps.best
    before = np.concatenate(([BLANK_INDEX], best[:-1]))
    space = len(characters) - 1
    starts = np.flatnonzero((best != BLANK_INDEX) & (best != before) & (best != space))
    if not len(starts):
        return RecognizedText("", 0.0)
    is_blank = (best == BLANK_INDEX) | (best == space)
    spaced = np.where(is_blank, steps.space, 0.0) >= SPACE_PROBABILITY
    text = characters[best[starts[0]]]
    for previous, start in pairwise(starts):
        text += SPACE * bool(spaced[previous:start].any()) + characters[best[start]]
    confidence = steps.probability[starts].mean()
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

    def read(self, pieces: Iterable[LinePiece]) -> RecognizedText:
        """Recognize the text of a line that is given in one or more pieces, from its beginning."""
        line: CtcSteps | None = None
        for piece in pieces:
            steps = self._steps(piece.pixels)
            line = steps if line is None else line.join(steps, piece.start // STEP_PX)
        if line is None:
            return RecognizedText("", 0.0)
        reading = ctc_decode(line, self._characters)
        return replace(reading, text=to_logical_order(reading.text)) if self.right_to_left else reading

    def _steps(self, line: NDArray[np.uint8]) -> CtcSteps:
        # The network was trained on BGR in -1..1.
        pixels = line[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 127.5 - 1
        (probabilities,) = self._graph.run({"x": pixels})
        return CtcSteps.of(probabilities[0])
