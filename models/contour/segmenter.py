"""Segmenter on contours behind the port `Segmenter`."""

from collections.abc import Sequence

from domain.arrays import Rgb, check_rgb
from domain.masks import Candidates, Embedding, Prompt
from domain.models import ModelInfo, SegmenterDefaults
from models.contour.hierarchy import build_hierarchy
from models.contour.masks import decode_prompts
from models.contour.network import predict_contours, resize_for_contours
from models.contour.ranker import OnnxRanker
from models.runtime.onnx import OnnxGraph

DEFAULTS = SegmenterDefaults(quality_threshold=0.3, stability_threshold=0.0, prompts_per_batch=16)
"""The quality threshold leaves some fifty regions of an image and costs 0.006 of mean IoU against 0.2; any
stability threshold loses objects; small batches limit the memory, since all masks of a batch exist at once.
"""


class ContourSegmenter:
    """Answers prompts from a hierarchy of regions. It is stateless, so threads can share it.

    Args:
        info: Name and digest of the model.
        edges: Contour network, see `predict_contours`.
        ranker: Graph of the rankers, see `OnnxRanker`.
    """

    def __init__(self, info: ModelInfo, edges: OnnxGraph, ranker: OnnxGraph) -> None:
        self._info = info
        self._edges = edges
        self._ranker = OnnxRanker(ranker)

    @property
    def info(self) -> ModelInfo:
        """Name and digest of the model."""
        return self._info

    @property
    def defaults(self) -> SegmenterDefaults:
        """Default thresholds and batch size."""
        return DEFAULTS

    def encode(self, rgb: Rgb) -> Embedding:
        """Encode an image, uint8 [H, W, 3] upright, to a scored hierarchy at no more than 512 pixels a side.

        Raises:
            ValueError: `rgb` is not uint8 [H, W, 3].
        """
        small = resize_for_contours(check_rgb(rgb))
        scored = build_hierarchy(predict_contours(self._edges, small), small)
        return Embedding(scored.arrays(), rgb.shape[0], rgb.shape[1])

    def decode(
        self, embedding: Embedding, prompts: Sequence[Prompt], quality_threshold: float = 0.0
    ) -> Candidates:
        """Return the candidates of every prompt, best quality first within a prompt.

        Each prompt has at least one candidate before the threshold.

        Args:
            embedding: Result of `encode`.
            prompts: At least one, in pixels of the upright image and inside it.
            quality_threshold: Lowest predicted IoU; other candidates are left out.
        """
        return decode_prompts(embedding, self._ranker, prompts, quality_threshold)
