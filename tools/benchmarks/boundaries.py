"""Measures how well the edges of the segmenter agree with boundaries that people drew.

    python -m tools.benchmarks.boundaries PACK.zip [--skip 0] [--limit 50]

The pack is like BSDS500: <key>.jpg, <key>.png (region maps of several annotators side by side) and index.json
with their number. The measure is that of Martin, Fowlkes and Malik (PAMI 2004) as used by Arbelaez et al.
(PAMI 2011). Edges are thinned and thresholded at several levels. Edge and boundary pixels are matched one to
one within 0.75 % of the diagonal. An edge pixel is right if a boundary pixel of any annotator matches it. The
boundary pixels of all annotators count for recall.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow
from scipy.spatial import cKDTree
from skimage.morphology import skeletonize
from tqdm import tqdm

from config.settings import Settings
from domain.arrays import Floats, Mask
from models.contour.network import predict_contours
from models.runtime.onnx import OnnxGraph
from tools.benchmarks.table import machine, show
from tools.training.packs import LabelMap, Pack

EDGES = "contour-edges.onnx"
"""Name of the shipped edge network."""

TOLERANCE = 0.0075
"""Largest distance of two pixels that match, as a share of the diagonal."""

THRESHOLDS = np.arange(2, 19) / 20
"""Thresholds of the edge strength."""

ROUNDING = 1.01
"""Factor by which a neighbour across the edge must be stronger for a pixel to be thinned away."""

Counts = NDArray[np.float64]
"""float64 [thresholds, 4]: numbers of right and of all edge pixels, of matched and of all boundary pixels."""


def thinned(edges: Floats) -> Floats:
    """Return the map with every pixel that is not the strongest across its edge set to 0, float32 [h, w].

    The method is that of Dollar and Zitnick (PAMI 2015).
    """
    smooth = cv2.GaussianBlur(edges, (0, 0), 2.0).astype(np.float64)
    down, across = np.gradient(smooth)
    across_twice = np.gradient(across, axis=1)
    mixed, down_twice = np.gradient(down, axis=1), np.gradient(down, axis=0)
    angle = np.arctan(down_twice * np.sign(-mixed) / (across_twice + 1e-5)) % np.pi
    rows, columns = np.mgrid[: edges.shape[0], : edges.shape[1]].astype(np.float32)
    kept = edges.copy()
    for side in (-1, 1):
        x = columns + np.float32(side) * np.cos(angle).astype(np.float32)
        y = rows + np.float32(side) * np.sin(angle).astype(np.float32)
        beside = cv2.remap(edges, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        kept[edges * ROUNDING < beside] = 0.0
    return kept


def boundary(labels: LabelMap) -> Mask:
    """Return lines of one pixel where the number in the map changes, bool [h, w]."""
    drawn = np.zeros(labels.shape, np.bool_)
    drawn[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    drawn[:-1] |= labels[:-1] != labels[1:]
    return np.asarray(skeletonize(drawn), np.bool_)


class Drawn:
    """The boundary pixels of one annotator.

    Args:
        mask: bool [h, w], true on the boundary.

    Attributes:
        places: Rows and columns of the pixels, int64 [D, 2].
    """

    def __init__(self, mask: Mask) -> None:
        self.places = np.argwhere(mask)
        self._reach = TOLERANCE * float(np.hypot(*mask.shape))
        self._tree = cKDTree(self.places)

    def near(self, places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the pairs of one of `places` [P, 2] and a boundary pixel within the tolerance.

        They are two arrays of indices of equal length, into `places` and into the boundary pixels.
        """
        lists = self._tree.query_ball_point(places, self._reach)
        counts = [len(each) for each in lists]
        found = np.concatenate([np.asarray(each, np.int64) for each in lists]) if len(lists) else np.zeros(0)
        return np.repeat(np.arange(len(places)), counts), found.astype(np.int64)


def image_counts(edges: Floats, annotators: list[Drawn]) -> Counts:
    """Return the counts of one image at every threshold."""
    strength = thinned(edges)
    places = np.argwhere(strength >= THRESHOLDS[0])
    pairs = [drawn.near(places) for drawn in annotators]
    counts = np.zeros((len(THRESHOLDS), 4))
    for row, threshold in zip(counts, THRESHOLDS, strict=True):
        found = skeletonize(strength >= threshold)[tuple(places.T)]
        right = np.zeros(len(places), np.bool_)
        for drawn, (edge, boundary_pixel) in zip(annotators, pairs, strict=True):
            matched = _matched(edge[found[edge]], boundary_pixel[found[edge]], len(places), len(drawn.places))
            right[matched] = True
            row[2:] += len(matched), len(drawn.places)
        row[:2] = right.sum(), found.sum()
    return counts


def _matched(
    edge: NDArray[np.int64], boundary: NDArray[np.int64], rows: int, columns: int
) -> NDArray[np.int64]:
    """Return the edge pixels of a largest one-to-one matching, as indices.

    It is computed as a flow from boundary to edge pixels, because scipy's maximum_bipartite_matching takes
    minutes for some images.

    Args:
        edge: Edge pixel of each pair that may be matched.
        boundary: Boundary pixel of each pair.
        rows: Number of edge pixels.
        columns: Number of boundary pixels.
    """
    if not len(edge):
        return np.zeros(0, np.int64)
    start, end = 0, columns + rows + 1
    drawn, found = 1 + np.arange(columns), 1 + columns + np.arange(rows)
    tails = np.concatenate([np.full(columns, start), drawn[boundary], found])
    heads = np.concatenate([drawn, found[edge], np.full(rows, end)])
    graph = csr_matrix((np.ones(len(tails), np.int32), (tails, heads)), (end + 1, end + 1))
    flow = maximum_flow(graph, start, end, method="dinic").flow
    return np.flatnonzero(flow[found, end].toarray().ravel() > 0)


def f_measure(counts: Counts) -> Counts:
    """Return the harmonic mean of precision and recall of counts [..., 4]."""
    right, found, matched, drawn = np.moveaxis(counts, -1, 0)
    precision, recall = right / np.maximum(found, 1), matched / np.maximum(drawn, 1)
    return np.asarray(2 * precision * recall / np.maximum(precision + recall, 1e-9))


def pack_counts(graph: OnnxGraph, pack: Pack, keys: Sequence[str]) -> Counts:
    """Return the counts [images, thresholds, 4] of an edge network on images of a pack."""
    counts = []
    for key in tqdm(keys, unit="image"):
        annotators = [Drawn(boundary(labels)) for labels in pack.annotator_maps(key)]
        counts.append(image_counts(predict_contours(graph, pack.image(key)).edges, annotators))
    return np.stack(counts)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pack", type=Path, help="a pack with region maps")
    parser.add_argument("--skip", type=int, default=0, help="number of images at the front that are left out")
    parser.add_argument("--limit", type=int, default=50, help="largest number of images")
    parser.add_argument("--edges", type=Path, help="an edge network other than the shipped one")
    args = parser.parse_args()
    pack = Pack(args.pack)
    graph = OnnxGraph(args.edges or Settings().weights_dir / EDGES, 1)
    counts = pack_counts(graph, pack, list(pack.index)[args.skip :][: args.limit])
    print(machine())
    _report(args.pack.stem, counts)


def _report(name: str, counts: Counts) -> None:
    whole = f_measure(counts.sum(axis=0))
    best = int(whole.argmax())
    right, found, matched, drawn = counts.sum(axis=0)[best]
    chosen = counts[np.arange(len(counts)), f_measure(counts).argmax(axis=1)].sum(axis=0)
    show(
        f"{name}: boundaries of {len(counts)} images, within {TOLERANCE:.2%} of the diagonal",
        ["what", "value"],
        [
            ["F, one threshold for all (ODS)", f"{whole[best]:.3f}"],
            ["threshold", f"{THRESHOLDS[best]:.3f}"],
            ["precision there", f"{right / found:.3f}"],
            ["recall there", f"{matched / drawn:.3f}"],
            ["F, the best threshold of each (OIS)", f"{float(f_measure(chosen)):.3f}"],
        ],
    )


if __name__ == "__main__":
    main()
