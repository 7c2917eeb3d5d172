"""Finds lines of text: PP-OCR's detector (differentiable binarization, Liao et al., 2020)."""

import cv2
import numpy as np
from rapidocr.ch_ppocr_det.utils import DBPostProcess

from domain.arrays import Floats, Rgb
from models.runtime.onnx import OnnxGraph

LEAST_SIDE = 736
"""The shorter side is enlarged to this, as rapidocr has it."""

GOOD_SIDE = 960
MOST_ENLARGED = 1.5
"""Towards the larger one it is enlarged so many times at most: more of the small print of pages is found so,
and pictures that rapidocr's rule enlarges as much already cost no more."""

MOST_SIDE = 2000
"""The longer side is at most this, as rapidocr has it."""

MULTIPLE = 32
"""The network halves each side five times."""

TEXT_PROBABILITY = 0.3
LINE_PROBABILITY = 0.5
UNCLIP_RATIO = 1.6
"""As rapidocr sets them: of a pixel, on average over a line, and how far a shrunken line grows back."""

MOST_LINES = 3000


class LineDetector:
    """Finds lines. Stateless between calls, so threads share it.

    Args:
        graph: The detection network.
    """

    def __init__(self, graph: OnnxGraph) -> None:
        self._graph = graph
        self._boxes = DBPostProcess(
            TEXT_PROBABILITY, LINE_PROBABILITY, MOST_LINES, UNCLIP_RATIO, use_dilation=True
        )

    def detect(self, rgb: Rgb) -> Floats:
        """Lines of an image.

        Returns:
            float32 [N, 4, 2], corners x, y in pixels, clockwise, the top left one of the image first.
        """
        height, width = rgb.shape[:2]
        resized = cv2.resize(rgb, network_size(width, height))
        # The networks were trained on BGR, scaled to -1..1.
        pixels = resized[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 127.5 - 1
        (probability,) = self._graph.run({"x": pixels})
        quads, _ = self._boxes(probability, (height, width))
        return np.asarray(quads, np.float32).reshape(-1, 4, 2)


def network_size(width: int, height: int) -> tuple[int, int]:
    """Width and height at which the network sees an image."""
    shorter = min(width, height)
    scale = max(1.0, LEAST_SIDE / shorter, min(MOST_ENLARGED, GOOD_SIDE / shorter))
    scale = min(scale, MOST_SIDE / max(width, height))
    return _multiple(width * scale), _multiple(height * scale)


def _multiple(side: float) -> int:
    return max(1, round(side / MULTIPLE)) * MULTIPLE
