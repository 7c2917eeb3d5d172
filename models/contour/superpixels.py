"""Cuts an edge map into superpixels and measures the borders between them.

Watershed cut: Cousty et al., PAMI 2009, from the library higra (Perret et al., SoftwareX 2019). Minima that
are shallow are merged first (h-minima, Soille 2003): they are the bands of slivers along strong edges.
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
"""A basin less deep than this, in edge probability, joins the neighbour it spills into."""


@dataclass(frozen=True)
class Superpixels:
    """Regions and the graph of their neighbourhood.

    Attributes:
        region: int32 [h, w], 0 .. count - 1.
        links: int64 [L, 2], neighbouring regions, each pair once.
        edge: float64 [L], mean edge probability along the border.
        outline: float64 [L], mean probability of an object's outline along the border.
        length: float64 [L], pixel pairs along the border.
    """

    region: NDArray[np.int32]
    links: NDArray[np.int64]
    edge: NDArray[np.float64]
    outline: NDArray[np.float64]
    length: NDArray[np.float64]

    @property
    def count(self) -> int:
        """How many regions."""
        return int(self.region.max()) + 1


def compute_superpixels(edges: Floats, outlines: Floats) -> Superpixels:
    """Superpixels of an edge map, float32 [h, w]; outlines of objects of the same size are only measured."""
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
    """The graph of neighbouring labels, and its vertex under every pixel, int32 [h, w]."""
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
    """Labels 1.. [h, w] after every basin less deep than DEPTH joined the one it spills into first."""
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
    """The basin each basin ends up in, int32 [n]; `links` in the order of their passes."""
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
