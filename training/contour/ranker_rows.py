"""Training rows of the ranker: node features, the IoU to predict, and how much each row counts."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.types import Floats, Mask, Rgb
from models.runtimes.onnx import OnnxGraph
from models.segmenters.contour.edges import edge_map, working_image
from models.segmenters.contour.hierarchy import hierarchy
from models.segmenters.contour.tree import Tree
from training.contour.objects import true_objects
from training.packs import Pack

ANY_OBJECT = 0.2
"""Weight of a row that asks for the IoU with the nearest of all objects, whatever was clicked."""


@dataclass(frozen=True)
class Rows:
    """What the ranker learns from.

    Attributes:
        features: float32 [R, F].
        iou: float32 [R].
        weight: float32 [R].
    """

    features: Floats
    iou: Floats
    weight: Floats

    @classmethod
    def joined(cls, parts: "list[Rows]") -> "Rows":
        """All rows of all parts."""
        columns = [[getattr(part, name) for part in parts] for name in ("features", "iou", "weight")]
        return cls(*(np.concatenate(column) for column in columns))


def pack_rows(path: Path, edges: OnnxGraph, count: int) -> Rows:
    """Rows of the first `count` images of a pack."""
    pack = Pack(path)
    parts = []
    for number, key in enumerate(list(pack.index)[:count]):
        parts.append(image_rows(edges, pack, key))
        if number % 50 == 0:
            print(f"{path.stem}: image {number} of {count}", flush=True)
    return Rows.joined([part for part in parts if len(part.iou)])


def image_rows(edges: OnnxGraph, pack: Pack, key: str) -> Rows:
    """Rows of one image."""
    rgb: Rgb = working_image(pack.image(key))
    tree, features = hierarchy(edge_map(edges, rgb), rgb)
    objects = true_objects(pack, key, *rgb.shape[:2])
    return _rows(tree, features, objects)


def _rows(tree: Tree, features: Floats, objects: list[Mask]) -> Rows:
    """A row for each node and object it meets, and one for each node and the object nearest to it.

    A click anywhere on an object is equally likely, so a node counts by the share of the object inside it.
    """
    if not objects:
        return Rows(features[:0], features[:0, 0], features[:0, 0])
    shared = np.stack([_shared(tree, mask) for mask in objects], axis=1)
    size = np.array([mask.sum() for mask in objects])
    iou = shared / (tree.area[:, None] + size - shared)
    node, which = np.nonzero(shared)
    everything = np.arange(len(iou))
    return Rows(
        features[np.concatenate([node, everything])],
        np.concatenate([iou[node, which], iou.max(axis=1)]).astype(np.float32),
        np.concatenate([(shared / size)[node, which], np.full(len(iou), ANY_OBJECT)]).astype(np.float32),
    )


def _shared(tree: Tree, mask: Mask) -> NDArray[np.float64]:
    """Pixels of every node inside a mask."""
    return tree.sums(np.bincount(tree.region[mask], minlength=tree.leaves).astype(np.float64))
