"""Detector of text lines of PP-OCR (differentiable binarization, Liao et al., 2020)."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidocr.ch_ppocr_det.utils import DBPostProcess

from domain.arrays import Floats, Rgb
from domain.text import DetectedLines
from models.pp_ocr.scales import SearchLevel, keep_one_scale, search_levels
from models.pp_ocr.tiles import Tile, blank_plain_blocks, contrasting_blocks, page_tiles
from models.runtime.onnx import OnnxGraph

PIXEL_THRESHOLD = 0.3
BOX_THRESHOLD = 0.5
UNCLIP_RATIO = 1.6
"""Thresholds of a pixel and of the mean over a line, and the ratio by which a shrunken line grows back, as in
rapidocr."""

MAX_CANDIDATE_LINES = 3000
"""Number of lines that one pass over a page finds at most, where the page is searched at once."""

MAX_TILED_LINES = 20_000
"""The same where it is searched in tiles."""

BYTE_MAX = 255

TilesListener = Callable[[int, int], None]
"""A callback that receives how many tiles are searched, and how many there are."""


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
        self._byte_boxes = DBPostProcess(
            PIXEL_THRESHOLD * BYTE_MAX,
            BOX_THRESHOLD * BYTE_MAX,
            MAX_TILED_LINES,
            UNCLIP_RATIO,
            use_dilation=True,
        )

    def detect(self, rgb: Rgb, listener: TilesListener) -> DetectedLines:
        """Return the lines of an image, uint8 [H, W, 3].

        A page that would be shrunk too much is searched in tiles, at several scales. The tiles' probabilities
        are joined to one map before lines are made of them, so that no line is cut or doubled by a tile.

        Args:
            rgb: Image uint8 [H, W, 3].
            listener: Receives the number of searched tiles after each one; it may raise to end the work.
        """
        height, width = rgb.shape[:2]
        levels = search_levels(width, height)
        plans = [page_tiles(level.width, level.height) if level.tiled else [] for level in levels]
        total, done = sum(len(tiles) or 1 for tiles in plans), 0
        found: list[Floats] = []
        for level, tiles in zip(levels, plans, strict=True):
            start = done

            def tell(searched: int, start: int = start) -> None:
                listener(start + searched, total)

            found.append(self._search(rgb, level, tiles, tell))
            done += len(tiles) or 1
        return DetectedLines(keep_one_scale(found, levels), levels[0].scale)

    def _search(self, rgb: Rgb, level: SearchLevel, tiles: list[Tile], tell: Callable[[int], None]) -> Floats:
        """Return the lines at one scale, float32 [N, 4, 2], corners x, y in pixels of the image."""
        size = level.width, level.height
        shrinks = level.tiled and level.scale < 1
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        page = np.asarray(cv2.resize(rgb, size, interpolation=how), np.uint8)
        if tiles:
            quads, _ = self._byte_boxes(self._tiled_probability(page, tiles, tell)[None, None], rgb.shape[:2])
        else:
            quads, _ = self._boxes(self._probability(page)[None, None], rgb.shape[:2])
            tell(1)
        return np.asarray(quads, np.float32).reshape(-1, 4, 2)

    def _tiled_probability(
        self, page: Rgb, tiles: list[Tile], tell: Callable[[int], None]
    ) -> NDArray[np.uint8]:
        """Return the probability of text of each pixel, uint8 [H, W], 255 for 1."""
        joined = np.zeros(page.shape[:2], np.uint8)
        blocks = contrasting_blocks(page)
        for done, tile in enumerate(tiles, 1):
            if tile.meets(blocks):
                found = self._probability(page[tile.rows, tile.columns])
                joined[tile.core_rows, tile.core_columns] = np.rint(found[tile.inner] * BYTE_MAX)
            tell(done)
        blank_plain_blocks(joined, blocks)
        return joined

    def _probability(self, rgb: Rgb) -> Floats:
        """Return the probability of text of each pixel, float32 [H, W]; both sides are multiples of 32."""
        # The network was trained on BGR in -1..1.
        pixels = rgb[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 127.5 - 1
        (probability,) = self._graph.run({"x": pixels})
        found: Floats = probability[0, 0]
        return found
