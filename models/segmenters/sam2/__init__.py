"""SAM 2.1 (Ravi et al. 2024, arXiv 2408.00714) behind the Segmenter port."""

from models.segmenters.sam2.graphs import OnnxSam2
from models.segmenters.sam2.segmenter import Sam2Segmenter

__all__ = ["OnnxSam2", "Sam2Segmenter"]
