"""Superpixels of an edge map, and the borders between them.

They are a watershed cut (Cousty et al., PAMI 2009) by the library higra (Perret et al., SoftwareX 2019).
Shallow minima are merged first (h-minima, Soille 2003), as they are bands of slivers along strong edges.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import higra as hg
import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats

SMOOTHING_SIGMA_PX = 1.0
"""Standard deviation in pixels of the blur before the watershed."""

MIN_BASIN_DEPTH = 0.03
"""Depth in edge probability; a shallower basin joins the neighbour that it spills into."""


@dataclass(frozen=True)
class Superpixels:
    """Superpixels and the graph of their neighbours.

    Attributes:
        region: int32 [h, w], superpixel of each pixel, 0 .. count - 1.
        links: int64 [L, 2], neighbouring superpixels, each pair once.
        edge: float64 [L], mean edge probability along the border.
        outline: float64 [L], mean probability of an object's outline along the border.
        length: float64 [L], number of pixel pairs along the border.
    """

    region: NDArray[np.int32]
    links: NDArray[np.int64]
    edge: NDArray[np.float64]
    outline: NDArray[np.float64]
    length: NDArray[np.float64]

    @property
    def count(self) -> int:
        """Number of superpixels."""
        return int(self.region.max()) + 1


def compute_superpixels(edges: Floats, outlines: Floats) -> Superpixels:
    """Compute the superpixels of an edge map, float32 [h, w].

    `outlines`, float32 [h, w], are only measured along the borders.
    """
    graph = hg.get_4_adjacency_graph(edges.shape)
    smooth = np.asarray(cv2.GaussianBlur(edges, (0, 0), SMOOTHING_SIGMA_PX), np.float32)
    basins = hg.labelisation_watershed(graph, _edge_weights(graph, smooth))
    weights = _edge_weights(graph, edges)
    labels = _merge_shallow(graph, basins, weights, edges)
    return _measure_borders(graph, labels, weights, _edge_weights(graph, outlines))


def _edge_weights(graph: Any, edges: Floats) -> NDArray[np.float64]:
    weights: NDArray[np.float64] = hg.weight_graph(graph, edges.astype(np.float64), hg.WeightFunction.mean)
    return weights


def _adjacency(graph: Any, labels: NDArray[Any]) -> tuple[Any, NDArray[np.int32]]:
    """Return the graph of neighbouring labels, and its vertex under every pixel, int32 [h, w]."""
    rag = hg.make_region_adjacency_graph_from_labelisation(graph, labels)
    vertices = np.asarray(hg.CptRegionAdjacencyGraph.get_vertex_map(rag), np.int32)
    return rag, vertices.reshape(labels.shape)


def _measure_borders(
    graph: Any, labels: NDArray[Any], edges: NDArray[np.float64], outlines: NDArray[np.float64]
) -> Superpixels:
    rag, region = _adjacency(graph, labels)
    links = np.stack(rag.edge_list(), axis=1).astype(np.int64)
    edge, outline = (
        hg.rag_accumulate_on_edges(rag, hg.Accumulators.mean, each) for each in (edges, outlines)
    )
    length = hg.rag_accumulate_on_edges(rag, hg.Accumulators.sum, np.ones_like(edges))
    return Superpixels(region, links, edge, outline, length)


def _merge_shallow(
    graph: Any, basins: NDArray[Any], weights: NDArray[np.float64], edges: Floats
) -> NDArray[np.int32]:
    """Return labels 1.. [h, w] after shallow basins joined the one that they spill into first."""
    rag, region = _adjacency(graph, basins)
    passes = hg.rag_accumulate_on_edges(rag, hg.Accumulators.min, weights)
    floor = np.full(rag.num_vertices(), np.inf)
    np.minimum.at(floor, region.ravel(), edges.ravel())
    order = np.argsort(passes, kind="stable")
    links = np.stack(rag.edge_list(), axis=1)[order]
    return _merge_basins(links, passes[order], floor)[region] + 1


def _merge_basins(
    links: NDArray[np.int64], passes: NDArray[np.float64], floor: NDArray[np.float64]
) -> NDArray[np.int32]:
    """Return the final basin of each basin, int32 [n]; `links` are in the order of their passes."""
    into, lowest = list(range(len(floor))), floor.tolist()

    def find(basin: int) -> int:
        while into[basin] != basin:
            into[basin] = into[into[basin]]
            basin = into[basin]
        return basin

    for (one, other), height in zip(links.tolist(), passes.tolist(), strict=True):
        first, second = find(one), find(other)
        if first != second and height - max(lowest[first], lowest[second]) < MIN_BASIN_DEPTH:
            into[second] = first
            lowest[first] = min(lowest[first], lowest[second])
    return np.array([find(basin) for basin in into], np.int32)
