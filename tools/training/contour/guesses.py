"""Fits the weights of mask prompts, a logistic regression over leaves near a guess, and prints them.

python -m tools.training.contour.guesses PACKS_DIR --models models/weights
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from domain.arrays import Floats, Mask
from domain.masks import Embedding, Prompt
from domain.models import ModelInfo
from models.contour.boxes import box_leaf_shares
from models.contour.guesses import FEATURE_NAMES, guess_leaf_features, mean_over_leaves, solid_guess
from models.contour.hierarchy import ScoredTree
from models.contour.ranker import OnnxRanker
from models.contour.segmenter import ContourSegmenter
from models.runtime.onnx import OnnxGraph
from tools.training.contour.packs_used import Source
from tools.training.contour.random_guesses import random_guess

SOURCES = ((Source("coco_train", 0, 200, 0.5), 3), (Source("coco_train", 200, 250, 1.0), 8))
"""Images, and the number of guesses of each object; the network was trained on the first ones."""

LEAST_SHARE = 0.01
"""Smallest share of the image that an object must cover."""

LEAST_PIXELS = 4
"""Smallest area of a guess in the working frame."""

STEPS, RIDGE = 8, 1e-3
"""Steps of Newton's method, and the weight of the penalty on squared weights."""


@dataclass(frozen=True)
class GuessRows:
    """Training rows.

    Attributes:
        features: float64 [R, F].
        share: float64 [R], share of each leaf that is on the object.
        weight: float64 [R], area of the leaf over that of the object, times the weight of its source.
    """

    features: NDArray[np.float64]
    share: NDArray[np.float64]
    weight: NDArray[np.float64]


class GuessSampler:
    """Gathers rows with the shipped networks.

    Args:
        folder: Folder of the .onnx files.
    """

    def __init__(self, folder: Path) -> None:
        edges, ranker = (OnnxGraph(folder / f"contour-{part}.onnx", 1) for part in ("edges", "ranker"))
        self._segmenter = ContourSegmenter(ModelInfo("contour", ""), edges, ranker)
        self._ranker = OnnxRanker(ranker)

    def rows(self, source: Source, guesses: int, packs: Path) -> Iterator[GuessRows]:
        """Yield the rows of each guess of the objects of a source."""
        pack, keys = source.opened(packs)
        for number, key in enumerate(tqdm(keys, source.pack, unit="photo", mininterval=10), source.first):
            labels, rng = pack.labels(key), np.random.default_rng(number)
            named = [labels == int(each) for each in pack.index[key]["regions"]]
            masks = [mask for mask in named if mask.mean() >= LEAST_SHARE]
            if masks:
                embedding = self._segmenter.encode(pack.image(key))
                for mask in (mask for mask in masks for _ in range(guesses)):
                    yield from self._guess_rows(embedding, mask, source.weight, rng)

    def _guess_rows(
        self, embedding: Embedding, mask: Mask, weight: float, rng: np.random.Generator
    ) -> Iterator[GuessRows]:
        def answer(prompt: Prompt) -> NDArray[np.int8]:
            return self._segmenter.decode(embedding, [prompt]).logits

        guess = random_guess(mask, answer, rng)
        scored = ScoredTree.from_arrays(embedding.arrays)
        frame = scored.tree.region.shape
        true = _shrunk(mask, frame)
        if guess is None:
            return
        coverage = _shrunk(guess, frame)
        if coverage.sum() < LEAST_PIXELS:
            return
        x, y, w, h = cv2.boundingRect(solid_guess(coverage).astype(np.uint8))
        boxed = box_leaf_shares(scored, self._ranker, (slice(y, y + h), slice(x, x + w)))
        found = guess_leaf_features(scored, coverage, boxed)
        area = scored.tree.area[found.leaves] / true.sum() * weight
        yield GuessRows(found.rows, mean_over_leaves(scored.tree, true)[found.leaves], area)


def _shrunk(mask: Mask, frame: tuple[int, int]) -> Floats:
    """Return the share of each pixel of the working frame that the mask covers."""
    shrunk = cv2.resize(mask.astype(np.float32), frame[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, np.float32)


def fit_weights(rows: GuessRows) -> tuple[NDArray[np.float64], float]:
    """Return the weights [F] and the bias of the logistic regression."""
    mean, spread = rows.features.mean(axis=0), rows.features.std(axis=0) + 1e-9
    inputs = np.column_stack([(rows.features - mean) / spread, np.ones(len(rows.share))])
    solution = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-np.clip(inputs @ solution, -30, 30)))
        slope = inputs.T @ (rows.weight * (rows.share - likely)) - RIDGE * solution
        curve = (inputs * (rows.weight * likely * (1 - likely) + 1e-9)[:, None]).T @ inputs
        solution += np.linalg.solve(curve + RIDGE * np.eye(len(solution)), slope)
    weights = solution[:-1] / spread
    return weights, float(solution[-1] - weights @ mean)


def main() -> None:
    """Gather, fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("packs", type=Path, help="folder of the image packs")
    parser.add_argument("--models", type=Path, required=True, help="folder of the two .onnx files")
    parser.add_argument("--limit", type=int, default=10_000, help="largest number of images of each source")
    args = parser.parse_args()
    sampler = GuessSampler(args.models)
    parts = [
        part
        for source, guesses in SOURCES
        for part in sampler.rows(source.limited(args.limit), guesses, args.packs)
    ]
    names = ("features", "share", "weight")
    rows = GuessRows(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
    weights, bias = fit_weights(rows)
    print(f"{len(rows.share)} rows of {len(parts)} guesses")
    for name, weight in zip(FEATURE_NAMES, weights.tolist(), strict=True):
        print(f"{name:12} {weight:7.3f}")
    print(f"{'bias':12} {bias:7.3f}")


if __name__ == "__main__":
    main()
