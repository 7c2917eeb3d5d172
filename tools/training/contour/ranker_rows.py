"""Gathers the training rows of the rankers: features, targets and weights."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from domain.arrays import Floats, Mask
from models.contour.boxes import box_leaf_features
from models.contour.hierarchy import ScoredTree, build_hierarchy
from models.contour.network import predict_contours, resize_for_contours
from models.contour.points import Click, click_features
from models.runtime.onnx import OnnxGraph
from tools.training.contour.objects import centre, true_objects
from tools.training.contour.packs_used import Source
from tools.training.packs import Pack

CLICKS = 3
"""Number of clicks on an object: the first is on its centre, the others are random."""

JITTER = 0.03
"""Standard deviation of the corners of a second, inexact box, as a share of the sides."""

REGIONS = 8
"""Largest number of regions that are used of an image that was segmented whole."""


@dataclass(frozen=True)
class Rows:
    """The training rows of both rankers.

    Attributes:
        nodes: float32 [R, F], features of nodes under a click.
        iou: float32 [R], IoU of each node with the clicked object.
        node_weight: float32 [R].
        leaves: float32 [K, G], features of leaves inside a box.
        share: float32 [K], share of each leaf that lies inside the object.
        leaf_weight: float32 [K], area of the leaf over that of the object.
    """

    nodes: Floats
    iou: Floats
    node_weight: Floats
    leaves: Floats
    share: Floats
    leaf_weight: Floats

    @classmethod
    def joined(cls, parts: "list[Rows]") -> "Rows":
        """Return the rows of all parts."""
        return cls(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(cls)))


def pack_rows(source: Source, packs: Path, network: OnnxGraph) -> Rows:
    """Return the rows of the images of a source."""
    pack, keys = source.opened(packs)
    parts = [
        image_rows(network, pack, key, source.weight, np.random.default_rng(number))
        for number, key in enumerate(tqdm(keys, source.pack, unit="photo", mininterval=10))
    ]
    return Rows.joined([part for part in parts if part is not None])


def image_rows(
    network: OnnxGraph, pack: Pack, key: str, weight: float, rng: np.random.Generator
) -> Rows | None:
    """Return the rows of one image, or None if it has no objects."""
    rgb = resize_for_contours(pack.image(key))
    objects = true_objects(pack, key, *rgb.shape[:2])
    whole = "annotators" in pack.index[key]
    if whole:
        objects = [objects[index] for index in rng.permutation(len(objects))[:REGIONS]]
    if not objects:
        return None
    scored = build_hierarchy(predict_contours(network, rgb), rgb)
    return Rows.joined(
        [_object_rows(scored, mask, 0.0 if whole else weight, weight, rng) for mask in objects]
    )


def _object_rows(
    scored: ScoredTree, mask: Mask, box_weight: float, weight: float, rng: np.random.Generator
) -> Rows:
    inside = np.bincount(scored.tree.region[mask], minlength=scored.tree.leaves).astype(np.float64)
    nodes, iou = _click_rows(scored, mask, inside, rng)
    leaves, share, area = _box_rows(scored, mask, inside, rng)
    return Rows(
        nodes,
        iou.astype(np.float32),
        np.full(len(iou), weight, np.float32),
        leaves,
        share.astype(np.float32),
        (area * box_weight).astype(np.float32),
    )


def _click_rows(
    scored: ScoredTree, mask: Mask, inside: NDArray[np.float64], rng: np.random.Generator
) -> tuple[Floats, NDArray[np.float64]]:
    """Return features [R, F] of the nodes under CLICKS clicks, and their IoU [R] with the object."""
    tree = scored.tree
    shared = tree.sums(inside)
    iou = shared / (tree.area + mask.sum() - shared)
    rows, columns = np.nonzero(mask)
    random = rng.integers(0, len(rows), CLICKS - 1).tolist()
    places = [centre(mask), *((int(columns[index]), int(rows[index])) for index in random)]
    clicks = [
        Click([int(tree.region[y, x])], (np.array([x, y]) + 0.5) / tree.region.shape[::-1]) for x, y in places
    ]
    paths = [tree.path(click.leaves[0]) for click in clicks]
    return click_features(scored, clicks, paths), iou[np.concatenate(paths)]


def _box_rows(
    scored: ScoredTree, mask: Mask, inside: NDArray[np.float64], rng: np.random.Generator
) -> tuple[Floats, NDArray[np.float64], NDArray[np.float64]]:
    """Return features [K, G], shares [K] and relative areas [K] of leaves in an exact and an inexact box."""
    rows, columns = np.nonzero(mask)
    exact = np.array([[columns.min(), rows.min()], [columns.max() + 1, rows.max() + 1]])
    size, limits = exact[1] - exact[0], mask.shape[::-1]
    moved = exact + np.round(rng.normal(0, JITTER, (2, 2)) * size).astype(np.int64)
    low, high = np.clip(moved[0], 0, np.array(limits) - 2), np.clip(moved[1], 0, limits)
    inexact = np.array([low, np.maximum(high, low + 2)])
    found = [
        box_leaf_features(
            scored, (slice(int(box[0, 1]), int(box[1, 1])), slice(int(box[0, 0]), int(box[1, 0])))
        )
        for box in (exact, inexact)
    ]
    leaves = np.concatenate([each.leaves for each in found])
    area = scored.tree.area[leaves]
    return np.concatenate([each.rows for each in found]), inside[leaves] / area, area / mask.sum()
