"""Predicts labels with exported heads from cached features, and measures the predictions."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from domain.arrays import Floats
from models.lite_labeller.towers import LiteTextTower
from models.runtime.onnx import OnnxGraph
from tools.training.labeller.dataset import Examples
from tools.training.labeller.scenes import Scenes
from tools.training.labeller.vocabulary import EvaluationVocabulary

BINS = 10
"""Number of bins of the calibration error."""

LEAST = 1e-9
"""Least probability whose logarithm is taken."""


@dataclass(frozen=True)
class Predictions:
    """Probabilities over a vocabulary and the reject class.

    Attributes:
        probabilities: float32 [N, L + 1]; the reject class is last.
        hits: bool [N, L], true for labels that are right.
    """

    probabilities: Floats
    hits: NDArray[np.bool_]

    def top(self, count: int) -> float:
        """Return the share of examples with a right label among the `count` likeliest labels."""
        order = np.argsort(-self.probabilities[:, :-1], axis=1)[:, :count]
        return float(np.take_along_axis(self.hits, order, 1).any(1).mean())

    @property
    def margin(self) -> Floats:
        """Logarithm of the probability of the best label over that of the reject class, float32 [N]."""
        best = np.maximum(self.probabilities[:, :-1].max(1), LEAST)
        margin: Floats = np.log(best) - np.log(np.maximum(self.probabilities[:, -1], LEAST))
        return margin

    @property
    def kept(self) -> float:
        """Share of examples in which a label is likelier than the reject class."""
        return float((self.probabilities[:, :-1].max(1) > self.probabilities[:, -1]).mean())

    @property
    def kept_if_right(self) -> float:
        """Share of the examples whose best label is right in which it is likelier than the reject class.

        It is NaN if no best label is right.
        """
        best = self.probabilities[:, :-1].argmax(1)
        kept = self.probabilities[:, :-1].max(1) > self.probabilities[:, -1]
        right = self.hits[np.arange(len(best)), best]
        return float(kept[right].mean()) if right.any() else float("nan")

    @property
    def calibration_error(self) -> float:
        """Expected calibration error (Guo et al., 2017) of the likeliest class, with the reject class."""
        right = np.concatenate([self.hits, ~self.hits.any(1, keepdims=True)], 1)
        winner = self.probabilities.argmax(1)
        sure = self.probabilities.max(1)
        good = right[np.arange(len(right)), winner]
        bins = np.minimum((sure * BINS).astype(int), BINS - 1)
        gaps = [abs(good[bins == b].mean() - sure[bins == b].mean()) * (bins == b).mean() for b in set(bins)]
        return float(sum(gaps))


class Predictor:
    """Predicts with exported heads from cached features.

    Args:
        weights: Folder of the ONNX files.
        scenes: Features of the images of the examples; None predicts from the crops alone.
    """

    def __init__(self, weights: Path, scenes: Scenes | None) -> None:
        self._head = OnnxGraph(weights / "image-head.onnx", 1)
        self._scale = float(self._head.metadata["logit_scale"])
        self._scenes = scenes
        tower, head = (OnnxGraph(weights / f"{name}.onnx", 1) for name in ("text-tower", "text-head"))
        self._texts = LiteTextTower(tower, head, weights / "text-tokenizer.json")
        self._vectors: dict[EvaluationVocabulary, Floats] = {}

    def predict(self, examples: Examples, vocabulary: EvaluationVocabulary) -> Predictions:
        """Return the probabilities that the service would compute for each example."""
        scene = self._scenes.plain(examples).numpy() if self._scenes else np.zeros_like(examples.features)
        feeds = {"features": examples.features, "conse": examples.conse, "scene": scene}
        vectors = self._head.run(feeds)[0]
        if vocabulary not in self._vectors:
            self._vectors[vocabulary] = self._texts.encode(vocabulary.prompts)
        cosines = torch.tensor(vectors @ self._vectors[vocabulary].T)
        labels = vocabulary.best_text(cosines)
        logits = self._scale * torch.cat([labels, torch.tensor(vectors[:, -1:])], 1)
        return Predictions(logits.softmax(1).numpy(), vocabulary.hits(examples.label).numpy())
