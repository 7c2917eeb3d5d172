"""How well the segmenter's edges agree with boundaries that people drew.

    python -m tools.benchmarks.boundaries PACK.zip [--skip 0] [--limit 50]

A pack as of BSDS500: <key>.jpg, <key>.png (region maps of several annotators side by side) and index.json
with their number. The measure is that of Martin, Fowlkes and Malik (PAMI 2004) as used by Arbelaez et al.
(PAMI 2011): edges are thinned and cut at several thresholds; edge and boundary pixels are matched one to one
within 0.75 % of the diagonal. A found pixel is right if any annotator's matches it; every annotator's pixels
count for recall.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow
from scipy.spatial import cKDTree
from skimage.morphology import skeletonize
from tqdm import tqdm

from domain.arrays import Floats, Mask
from models.contour.network import edge_map
from models.runtime.onnx import OnnxGraph
from tools.benchmarks.table import machine, show
from tools.training.packs import LabelMap, Pack

TOLERANCE = 0.0075
THRESHOLDS = np.arange(2, 19) / 20
ROUNDING = 1.01
"""A pixel is thinned away only if a neighbour across the edge is higher by this factor."""

Counts = NDArray[np.float64]
"""float64 [thresholds, 4]: right and found pixels, matched and drawn pixels."""


def thinned(edges: Floats) -> Floats:
    """The map without what is not highest across its edge, float32 [h, w] (Dollar and Zitnick, PAMI 2015)."""
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
    """Lines one pixel thick where the label changes, bool [h, w]."""
    drawn = np.zeros(labels.shape, np.bool_)
    drawn[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    drawn[:-1] |= labels[:-1] != labels[1:]
    return np.asarray(skeletonize(drawn), np.bool_)


class Drawn:
    """Boundary pixels of one annotator.

    Args:
        mask: bool [h, w].
    """

    def __init__(self, mask: Mask) -> None:
        self.places = np.argwhere(mask)
        self._reach = TOLERANCE * float(np.hypot(*mask.shape))
        self._tree = cKDTree(self.places)

    def near(self, places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs of one of `places` [P, 2] and a boundary pixel within reach, as two arrays of indices."""
        lists = self._tree.query_ball_point(places, self._reach)
        counts = [len(each) for each in lists]
        found = np.concatenate([np.asarray(each, np.int64) for each in lists]) if len(lists) else np.zeros(0)
        return np.repeat(np.arange(len(places)), counts), found.astype(np.int64)


def image_counts(edges: Floats, annotators: list[Drawn]) -> Counts:
    """Counts of one image at every threshold."""
    strength = thinned(edges)
    places = np.argwhere(strength >= THRESHOLDS[0])
    pairs = [drawn.near(places) for drawn in annotators]
    counts = np.zeros((len(THRESHOLDS), 4))
    for row, threshold in zip(counts, THRESHOLDS, strict=True):
        found = skeletonize(strength >= threshold)[tuple(places.T)]
        right = np.zeros(len(places), np.bool_)
        for drawn, (ours, theirs) in zip(annotators, pairs, strict=True):
            matched = _matched(ours[found[ours]], theirs[found[ours]], len(places), len(drawn.places))
            right[matched] = True
            row[2:] += len(matched), len(drawn.places)
        row[:2] = right.sum(), found.sum()
    return counts


def _matched(
    ours: NDArray[np.int64], theirs: NDArray[np.int64], rows: int, columns: int
) -> NDArray[np.int64]:
    """Our pixels in a largest one-to-one matching.

    As a flow from drawn to found pixels: scipy's maximum_bipartite_matching takes minutes for some pictures.
    """
    if not len(ours):
        return np.zeros(0, np.int64)
    start, end = 0, columns + rows + 1
    drawn, found = 1 + np.arange(columns), 1 + columns + np.arange(rows)
    tails = np.concatenate([np.full(columns, start), drawn[theirs], found])
    heads = np.concatenate([drawn, found[ours], np.full(rows, end)])
    graph = csr_matrix((np.ones(len(tails), np.int32), (tails, heads)), (end + 1, end + 1))
    flow = maximum_flow(graph, start, end, method="dinic").flow
    return np.flatnonzero(flow[found, end].toarray().ravel() > 0)


def f_measure(counts: Counts) -> Counts:
    """Harmonic mean of precision and recall along the last but one axis."""
    right, found, matched, drawn = np.moveaxis(counts, -1, 0)
    precision, recall = right / np.maximum(found, 1), matched / np.maximum(drawn, 1)
    return np.asarray(2 * precision * recall / np.maximum(precision + recall, 1e-9))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--skip", type=int, default=0, help="images at the front to leave out")
    parser.add_argument("--limit", type=int, default=50, help="images")
    parser.add_argument("--edges", type=Path, help="an edge network other than the shipped one")
    arguments = parser.parse_args()
    pack = Pack(arguments.pack)
    keys = list(pack.index)[arguments.skip :][: arguments.limit]
    shipped = Path(__file__).parents[1] / "models" / "weights" / "contour-edges.onnx"
    graph = OnnxGraph(arguments.edges or shipped, 1)
    counts = np.stack(
        [
            image_counts(
                edge_map(graph, pack.image(key)),
                [Drawn(boundary(labels)) for labels in pack.annotator_maps(key)],
            )
            for key in tqdm(keys, unit="photo")
        ]
    )
    print(machine())
    _report(arguments.pack.stem, counts)


def _report(name: str, counts: Counts) -> None:
    whole = f_measure(counts.sum(axis=0))
    best = int(whole.argmax())
    right, found, matched, drawn = counts.sum(axis=0)[best]
    chosen = counts[np.arange(len(counts)), f_measure(counts).argmax(axis=1)].sum(axis=0)
    show(
        f"{name}: boundaries of {len(counts)} photographs, within {TOLERANCE:.2%} of the diagonal",
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
