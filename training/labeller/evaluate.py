"""Judges exported heads on photographs that no head was fitted to, and prints a table.

Usage: python -m training.labeller.evaluate PACKS_DIR WEIGHTS_DIR VOCABULARY FEATURES.npz ...
"""

import argparse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from domain.types import Floats
from models.encoders.embedded.text_tower import TextTower
from models.runtimes.onnx import OnnxGraph
from training.labeller.dataset import Examples, held_out, load
from training.labeller.vocabulary import JudgedVocabulary
from training.packs import Pack

BINS = 10


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
    """The exported heads over cached features."""

    def __init__(self, weights: Path) -> None:
        self._head = OnnxGraph(weights / "image-head.onnx", 1)
        self._scale = float(self._head.metadata["logit_scale"])
        tower = OnnxGraph(weights / "text-tower.onnx", 1)
        self._texts = TextTower(
            tower, OnnxGraph(weights / "text-head.onnx", 1), weights / "text-tokenizer.json"
        )

    def answers(self, examples: Examples, vocabulary: JudgedVocabulary) -> Answers:
        """What the service would say of each example."""
        feeds = {"features": examples.features, "conse": examples.conse}
        vectors = self._head.run(feeds)[0]
        cosines = torch.tensor(vectors @ self._texts.encode(vocabulary.prompts).T)
        names = vocabulary.best_text(cosines)
        logits = self._scale * torch.cat([names, torch.tensor(vectors[:, -1:])], 1)
        return Answers(logits.softmax(1).numpy(), vocabulary.hits(examples.name).numpy())


def report(judge: Judge, examples: Examples, vocabularies: dict[str, JudgedVocabulary]) -> None:
    """Accuracy, calibration and rejection for every vocabulary."""
    objects = examples.take(examples.source == "coco_train")
    nothing = examples.take(np.isin(examples.kind, ["mixture", "background"]))
    stuff = examples.take(examples.kind == "stuff")
    for name, vocabulary in vocabularies.items():
        print(f"== {name}")
        named = vocabulary.hits(objects.name).numpy().any(1)
        inside = judge.answers(objects.take(named), vocabulary)
        _accuracy(inside)
        print(f"all objects: ECE {judge.answers(objects, vocabulary).calibration_error:.3f}")
        _rejection("regions of nothing", judge.answers(nothing, vocabulary), inside)
        if not named.all():
            _rejection("objects without a name", judge.answers(objects.take(~named), vocabulary), inside)
        named_stuff = stuff.take(vocabulary.hits(stuff.name).numpy().any(1))
        if len(named_stuff):
            _stuff(judge.answers(named_stuff, vocabulary), named_stuff, vocabulary)


def _accuracy(inside: Answers) -> None:
    print(f"{len(inside.shares)} objects with a name: top-1 {inside.top(1):.3f}, top-5 {inside.top(5):.3f}")
    print(f"kept {inside.kept:.3f}, of the rightly named {inside.kept_if_right:.3f}; ", end="")
    print(f"ECE {inside.calibration_error:.3f}")


def _rejection(what: str, outside: Answers, inside: Answers) -> None:
    print(f"rejected {1 - outside.kept:.3f} of {len(outside.shares)} {what}, ", end="")
    print(f"AUC {_auc(outside, inside):.3f}")


def _auc(outside: Answers, inside: Answers) -> float:
    scores = np.concatenate([outside.shares[:, -1], inside.shares[:, -1]])
    return float(roc_auc_score(np.arange(len(scores)) < len(outside.shares), scores))


def _stuff(answers: Answers, examples: Examples, vocabulary: JudgedVocabulary) -> None:
    print(f"stuff: top-1 {answers.top(1):.3f}, kept {answers.kept:.3f} of {len(examples)}")
    labels = np.array([*vocabulary.labels, "unknown"])
    for name in sorted(set(examples.name.tolist())):
        said = Counter(labels[answers.shares[examples.name == name].argmax(1)].tolist())
        print(f"  {name}: {dict(said.most_common(4))}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("packs", "weights", "vocabulary"):
        parser.add_argument(name, type=Path)
    parser.add_argument("features", type=Path, nargs="+")
    args = parser.parse_args()
    coco, facades = (Pack(args.packs / f"{name}.zip") for name in ("coco_train", "labelmefacade"))
    examples = load(args.features)
    examples = examples.take(held_out(examples, list(coco.index), list(facades.index)))
    names = [name for name in coco.classes.values() if name != "background"]
    vocabularies = {
        "80 COCO names": JudgedVocabulary.plain(names),
        "default": JudgedVocabulary.from_file(args.vocabulary),
        "cat, dog": JudgedVocabulary.plain(["cat", "dog"]),
        "car": JudgedVocabulary.plain(["car"]),
        "person": JudgedVocabulary.plain(["person"]),
    }
    report(Judge(args.weights), examples, vocabularies)


if __name__ == "__main__":
    main()
