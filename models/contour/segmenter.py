"""The adapter behind the Segmenter port."""

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
"""The quality threshold leaves some fifty regions of a photograph and costs 0.006 of mean IoU against 0.2;
any stability threshold costs objects; small batches keep the memory low, since all masks of a batch exist at
once."""


class ContourSegmenter:
    """Answers prompts from a hierarchy of contours. Holds no request state; threads share it.

    Args:
        info: Name and hash.
        edges: See `edges.contour_maps`.
        ranker: See `rankers.Rankers`.
    """

    def __init__(self, info: ModelInfo, edges: OnnxGraph, ranker: OnnxGraph) -> None:
        self._info = info
        self._edges = edges
        self._ranker = OnnxRanker(ranker)

    @property
    def info(self) -> ModelInfo:
        """Name and hash."""
        return self._info

    @property
    def defaults(self) -> SegmenterDefaults:
        """Thresholds and batch size that suit it."""
        return DEFAULTS

    def encode(self, rgb: Rgb) -> Embedding:
        """The scored hierarchy of an image, uint8 [H, W, 3] upright, at no more than 512 pixels a side.

        Raises:
            ValueError: Not uint8 [H, W, 3].
        """
        small = resize_for_contours(check_rgb(rgb))
        scored = build_hierarchy(predict_contours(self._edges, small), small)
        return Embedding(scored.arrays(), rgb.shape[0], rgb.shape[1], self._info.name)

    def decode(
        self, embedding: Embedding, prompts: Sequence[Prompt], quality_threshold: float = 0.0
    ) -> Candidates:
        """Candidates of every prompt, at least one each, best quality first within a prompt.

        Args:
            embedding: From `encode`.
            prompts: At least one, in pixels of the upright image and inside it.
            quality_threshold: Candidates below it are left out.
        """
        return decode_prompts(embedding, self._ranker, prompts, quality_threshold)
