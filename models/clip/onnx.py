"""CLIP from a directory of exported graphs, run with ONNX Runtime: no torch."""

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from domain.models import ModelInfo
from models.clip.encoder import ClipEncoder, RegionClipEncoder
from models.clip.meta import ClipMeta
from models.clip.tokenizer import TOKENIZER_CLASSES, TOKENIZER_FILE
from models.runtime.onnx import OnnxGraph

IMAGE_GRAPH_FILE, TEXT_GRAPH_FILE, REGION_GRAPH_FILE = "image.onnx", "text.onnx", "regions.onnx"
"""Names of the graphs in an exported directory."""


def load_onnx_clip(info: ModelInfo, directory: Path, threads: int) -> ClipEncoder:
    """The encoder; a RegionClipEncoder where the directory has a region graph.

    Args:
        info: Name and hash.
        directory: What `export_clip` wrote, its hashes already checked.
        threads: Cores one call may use.

    Raises:
        OSError: A file is missing.
    """
    meta = ClipMeta.read(directory)
    network = OnnxClip(
        OnnxGraph(directory / IMAGE_GRAPH_FILE, threads), OnnxGraph(directory / TEXT_GRAPH_FILE, threads)
    )
    tokenizer = TOKENIZER_CLASSES[meta.tokenizer](directory / TOKENIZER_FILE, meta.context_length)
    if not meta.region_size:
        return ClipEncoder(info, network, tokenizer, meta)
    return RegionClipEncoder(
        info, network, tokenizer, meta, OnnxRegionTower(directory / REGION_GRAPH_FILE, threads)
    )


class OnnxClip:
    """The two towers as graphs.

    Args:
        image: `pixels` [N, 3, S, S] to features.
        text: `ids` int64 [N, T] to features.
    """

    def __init__(self, image: OnnxGraph, text: OnnxGraph) -> None:
        self._image = image
        self._text = text

    def images(self, pixels: Floats) -> Floats:
        """Image features [N, D]."""
        features: Floats = self._image.run({"pixels": pixels})[0]
        return features

    def texts(self, ids: NDArray[np.int64]) -> Floats:
        """Text features [N, D]."""
        features: Floats = self._text.run({"ids": ids})[0]
        return features


class OnnxRegionTower:
    """The region tower as a graph, loaded when it is first asked for: it is as large as the image tower.

    Args:
        path: `pixels` [1, 3, S, S] and `coverage` [R, P] to features.
        threads: Cores one call may use.
    """

    def __init__(self, path: Path, threads: int) -> None:
        self._path = path
        self._threads = threads
        self._lock = threading.Lock()
        self._graph: OnnxGraph | None = None

    def regions(self, pixels: Floats, coverage: Floats) -> Floats:
        """Region features [R, D]."""
        with self._lock:
            if self._graph is None:
                self._graph = OnnxGraph(self._path, self._threads)
        features: Floats = self._graph.run({"pixels": pixels, "coverage": coverage})[0]
        return features
