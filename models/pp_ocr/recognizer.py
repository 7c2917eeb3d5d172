"""Reads one line of text: PP-OCR's recognizer."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from domain.text import Reading
from models.pp_ocr import ctc
from models.pp_ocr.direction import spoken_order
from models.runtime.onnx import OnnxGraph


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
        self._characters = ["", *graph.metadata["character"].splitlines(), ctc.SPACE]

    def read(self, line: NDArray[np.uint8]) -> Reading:
        """The text of a line, uint8 [48, W, 3] RGB."""
        # The networks were trained on BGR, scaled to -1..1.
        pixels = line[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 127.5 - 1
        (probabilities,) = self._graph.run({"x": pixels})
        reading = ctc.decode(probabilities[0], self._characters)
        return replace(reading, text=spoken_order(reading.text)) if self.right_to_left else reading
