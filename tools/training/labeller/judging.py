"""What exported heads say of cached features, and how right that is."""

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
from tools.training.labeller.vocabulary import JudgedVocabulary

BINS = 10
LEAST = 1e-9


@dataclass(frozen=True)
class Answers:
    """Probabilities over a vocabulary and the reject class.

    Attributes:
        shares: float32 [N, L + 1], the reject class last.
        hits: bool [N, L], right labels.
    """

    shares: Floats
    hits: NDArray[np.bool_]

    def top(self, count: int) -> float:
        """Share of examples with a right label among the first `count` names."""
        order = np.argsort(-self.shares[:, :-1], axis=1)[:, :count]
        return float(np.take_along_axis(self.hits, order, 1).any(1).mean())

    @property
    def margin(self) -> Floats:
        """Logarithm of how much likelier the best name is than the reject class: [N]."""
        names = np.maximum(self.shares[:, :-1].max(1), LEAST)
        margin: Floats = np.log(names) - np.log(np.maximum(self.shares[:, -1], LEAST))
        return margin

    @property
    def kept(self) -> float:
        """Share of examples where a name beats the reject class."""
        return float((self.shares[:, :-1].max(1) > self.shares[:, -1]).mean())

    @property
    def kept_if_right(self) -> float:
        """The same among the examples whose best name is right."""
        best = self.shares[:, :-1].argmax(1)
        right = self.hits[np.arange(len(best)), best]
        return float((self.shares[:, :-1].max(1) > self.shares[:, -1])[right].mean())

    @property
    def calibration_error(self) -> float:
        """Expected calibration error (Guo et al. 2017) of the winner, the reject class included."""
        right = np.concatenate([self.hits, ~self.hits.any(1, keepdims=True)], 1)
        winner = self.shares.argmax(1)
        sure = self.shares.max(1)
        good = right[np.arange(len(right)), winner]
        bins = np.minimum((sure * BINS).astype(int), BINS - 1)
        gaps = [abs(good[bins == b].mean() - sure[bins == b].mean()) * (bins == b).mean() for b in set(bins)]
        return float(sum(gaps))


class Judge:
    """The exported heads over cached features.

    Args:
        weights: Folder of the ONNX files.
        scenes: The photographs of the examples; None: crops speak for themselves.
    """

    def __init__(self, weights: Path, scenes: Scenes | None) -> None:
        self._head = OnnxGraph(weights / "image-head.onnx", 1)
        self._scale = float(self._head.metadata["logit_scale"])
        self._scenes = scenes
        tower, head = (OnnxGraph(weights / f"{name}.onnx", 1) for name in ("text-tower", "text-head"))
        self._texts = LiteTextTower(tower, head, weights / "text-tokenizer.json")

    def answers(self, examples: Examples, vocabulary: JudgedVocabulary) -> Answers:
        """What the service would say of each example."""
        scene = self._scenes.plain(examples).numpy() if self._scenes else np.zeros_like(examples.features)
        feeds = {"features": examples.features, "conse": examples.conse, "scene": scene}
        vectors = self._head.run(feeds)[0]
        cosines = torch.tensor(vectors @ self._texts.encode(vocabulary.prompts).T)
        names = vocabulary.best_text(cosines)
        logits = self._scale * torch.cat([names, torch.tensor(vectors[:, -1:])], 1)
        return Answers(logits.softmax(1).numpy(), vocabulary.hits(examples.name).numpy())
