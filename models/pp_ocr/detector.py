"""Finds lines of text: PP-OCR's detector (differentiable binarization, Liao et al., 2020)."""

import cv2
import numpy as np
from rapidocr.ch_ppocr_det.utils import DBPostProcess

from domain.arrays import Floats, Rgb
from models.runtime.onnx import OnnxGraph

MIN_SIDE_PX = 736
"""The shorter side is enlarged to this, as rapidocr has it."""

TARGET_SIDE_PX = 960
MAX_ENLARGEMENT = 1.5
"""Towards the larger one it is enlarged so many times at most: more of the small print of pages is found so,
and pictures that rapidocr's rule enlarges as much already cost no more."""

MAX_SIDE_PX = 2000
"""The longer side is at most this, as rapidocr has it."""

SIDE_MULTIPLE_PX = 32
"""The network halves each side five times."""

PIXEL_THRESHOLD = 0.3
BOX_THRESHOLD = 0.5
UNCLIP_RATIO = 1.6
"""As rapidocr sets them: of a pixel, on average over a line, and how far a shrunken line grows back."""

MAX_CANDIDATE_LINES = 3000


class LineDetector:
    """Finds lines. Stateless between calls, so threads share it.

    Args:
        graph: The detection network.
    """

    def __init__(self, graph: OnnxGraph) -> None:
        self._graph = graph
        self._boxes = DBPostProcess(
            PIXEL_THRESHOLD, BOX_THRESHOLD, MAX_CANDIDATE_LINES, UNCLIP_RATIO, use_dilation=True
        )

    def detect(self, rgb: Rgb) -> Floats:
        """Lines of an image.

        Returns:
            float32 [N, 4, 2], corners x, y in pixels, clockwise, the top left one of the image first.
        """
        height, width = rgb.shape[:2]
        resized = cv2.resize(rgb, detector_input_size(width, height))
        # The networks were trained on BGR, scaled to -1..1.
        pixels = resized[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 127.5 - 1
        (probability,) = self._graph.run({"x": pixels})
        quads, _ = self._boxes(probability, (height, width))
        return np.asarray(quads, np.float32).reshape(-1, 4, 2)


def detector_input_size(width: int, height: int) -> tuple[int, int]:
    """Width and height at which the network sees an image."""
    shorter = min(width, height)
    scale = max(1.0, MIN_SIDE_PX / shorter, min(MAX_ENLARGEMENT, TARGET_SIDE_PX / shorter))
    scale = min(scale, MAX_SIDE_PX / max(width, height))
    return _round_to_multiple(width * scale), _round_to_multiple(height * scale)


def _round_to_multiple(side: float) -> int:
    return max(1, round(side / SIDE_MULTIPLE_PX)) * SIDE_MULTIPLE_PX
