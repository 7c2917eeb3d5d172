"""Evaluates the exported segmenter on objects that nothing was trained on."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from domain.arrays import Mask
from domain.masks import Embedding, Prompt
from domain.models import ModelInfo
from models.contour.hierarchy import ScoredTree
from models.contour.segmenter import ContourSegmenter
from models.runtime.onnx import OnnxGraph
from tools.training.contour.objects import centre, true_objects
from tools.training.contour.packs_used import Source

FIGURES = ("best node", "click, first choice", "click, best of 3", "box")
"""Names of the IoUs that are measured of each object."""


def report(edges: Path, ranker: Path, packs: Path, source: Source) -> None:
    """Print the mean IoU over the objects at the working resolution.

    `benchmarks.quality` measures the service, at the resolution of the image.
    """
    segmenter = ContourSegmenter(ModelInfo("contour", ""), OnnxGraph(edges, 1), OnnxGraph(ranker, 1))
    pack, keys = source.opened(packs)
    scores = []
    for key in tqdm(keys, "evaluation", unit="photo", mininterval=10):
        embedding = segmenter.encode(pack.image(key))
        frame = embedding.arrays["region"].shape
        scores += [_scores(segmenter, embedding, mask) for mask in true_objects(pack, key, *frame)]
    means = zip(FIGURES, np.mean(scores, axis=0), strict=True)
    listed = ", ".join(f"{name} {mean:.3f}" for name, mean in means)
    print(f"{len(scores)} objects of {source.pack} {source.first}-{source.last}, mean IoU: {listed}")


def _scores(segmenter: ContourSegmenter, embedding: Embedding, mask: Mask) -> list[float]:
    """Return the FIGURES of one object, given as a mask at the working resolution."""
    scale = np.array([embedding.width, embedding.height]) / mask.shape[::-1]
    x, y, w, h = cv2.boundingRect(mask.astype(np.uint8))
    corners = np.array([[x, y], [x + w, y + h]]) * scale
    click = Prompt.point(*((np.array(centre(mask)) + 0.5) * scale).tolist())
    box = Prompt(np.zeros((0, 2)), np.zeros(0, np.int64), corners.ravel())
    clicked, boxed = ([*_ious(segmenter, embedding, prompt, mask)] for prompt in (click, box))
    return [_best_node(embedding, mask), clicked[0], max(clicked), boxed[0]]


def _ious(segmenter: ContourSegmenter, embedding: Embedding, prompt: Prompt, mask: Mask) -> Iterator[float]:
    """Yield the IoU of each candidate of a prompt with the object."""
    for logits in segmenter.decode(embedding, [prompt]).logits:
        found = logits > 0
        yield float((found & mask).sum() / (found | mask).sum())


def _best_node(embedding: Embedding, mask: Mask) -> float:
    """Return the highest IoU of a node of the tree with the object, the most that a choice can reach."""
    tree = ScoredTree.from_arrays(embedding.arrays).tree
    inside = np.bincount(tree.region[mask], minlength=tree.leaves).astype(np.float64)
    shared = tree.sums(inside)
    return float((shared / (tree.area + mask.sum() - shared)).max())
