"""Detector of text lines of PP-OCR (differentiable binarization, Liao et al., 2020)."""

import cv2
import numpy as np
from rapidocr.ch_ppocr_det.utils import DBPostProcess

from domain.arrays import Floats, Rgb
from models.runtime.onnx import OnnxGraph

MIN_SIDE_PX = 736
"""Side in pixels that the shorter side is enlarged to, as in rapidocr."""

TARGET_SIDE_PX = 960
MAX_ENLARGEMENT = 1.5
"""Largest factor of an enlargement to TARGET_SIDE_PX: more small print of pages is found, and images that
rapidocr's rule enlarges as much do not become slower."""

MAX_SIDE_PX = 2000
"""Longest side in pixels, as in rapidocr."""

SIDE_MULTIPLE_PX = 32
"""Both sides are multiples of this, as the network halves them five times."""

PIXEL_THRESHOLD = 0.3
BOX_THRESHOLD = 0.5
UNCLIP_RATIO = 1.6
"""Thresholds of a pixel and of the mean over a line, and the ratio by which a shrunken line grows back, as in
rapidocr."""

MAX_CANDIDATE_LINES = 3000


class LineDetector:
    """Detects lines. It is stateless, so threads can share it.

    Args:
        graph: Detection network.
    """

    def __init__(self, graph: OnnxGraph) -> None:
        self._graph = graph
        self._boxes = DBPostProcess(
            PIXEL_THRESHOLD, BOX_THRESHOLD, MAX_CANDIDATE_LINES, UNCLIP_RATIO, use_dilation=True
        )

    def detect(self, rgb: Rgb) -> Floats:
        """Return the lines of an image, uint8 [H, W, 3].

        Returns:
            float32 [N, 4, 2], corners x, y in pixels, clockwise, the top left one of the image first.
        """
        height, width = rgb.shape[:2]
        resized = cv2.resize(rgb, detector_input_size(width, height))
        # The network was trained on BGR in -1..1.
        pixels = resized[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 127.5 - 1
        (probability,) = self._graph.run({"x": pixels})
        quads, _ = self._boxes(probability, (height, width))
        return np.asarray(quads, np.float32).reshape(-1, 4, 2)


def detector_input_size(width: int, height: int) -> tuple[int, int]:
    """Return width and height of the network's input."""
    shorter = min(width, height)
    scale = max(1.0, MIN_SIDE_PX / shorter, min(MAX_ENLARGEMENT, TARGET_SIDE_PX / shorter))
    scale = min(scale, MAX_SIDE_PX / max(width, height))
    return _round_to_multiple(width * scale), _round_to_multiple(height * scale)


def _round_to_multiple(side: float) -> int:
    return max(1, round(side / SIDE_MULTIPLE_PX)) * SIDE_MULTIPLE_PX
