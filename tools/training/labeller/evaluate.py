"""Judges exported heads on photographs that no head was fitted to, and prints a table.

Usage: python -m tools.training.labeller.evaluate PACKS_DIR WEIGHTS_DIR VOCABULARY FEATURES.npz ...
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from tools.training.labeller.dataset import Examples, held_out, load
from tools.training.labeller.judging import Answers, Judge
from tools.training.labeller.regions import large_objects
from tools.training.labeller.scenes import Scenes
from tools.training.labeller.vocabulary import JudgedVocabulary
from tools.training.packs import Pack

LARGE = 0.01
"""Share of the photograph that an object must take to count as large."""
RECALL = 0.9
"""Share of the true objects that must keep a name when the goal for rejections is measured."""


def goals(judge: Judge, examples: Examples, vocabulary: JudgedVocabulary, nothing: Examples) -> None:
    """Accuracy on objects and how much of nothing is rejected where RECALL of the objects are named."""
    named = examples.take(vocabulary.hits(examples.name).numpy().any(1))
    inside = judge.answers(named, vocabulary)
    bar = np.quantile(inside.margin, 1 - RECALL)
    rejected = (judge.answers(nothing, vocabulary).margin < bar).mean()
    print(f"{len(named)} objects: top-1 {inside.top(1):.3f}, top-5 {inside.top(5):.3f}, ", end="")
    print(f"ECE {inside.calibration_error:.3f}, nothing rejected at {RECALL:.0%} recall {rejected:.3f}")


def nothing_in(examples: Examples) -> NDArray[np.bool_]:
    """Whether each example shows nothing in particular."""
    return np.isin(examples.kind, ["mixture", "background"])


def report(judge: Judge, examples: Examples, vocabularies: dict[str, JudgedVocabulary]) -> None:
    """Accuracy, calibration and rejection for every vocabulary."""
    objects = examples.take((examples.source == "coco_train") & (examples.kind == "object"))
    nothing = examples.take(nothing_in(examples))
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
    parser.add_argument("--sceneless", action="store_true", help="judge crops without their photographs")
    args = parser.parse_args()
    coco, facades = (Pack(args.packs / f"{name}.zip") for name in ("coco_train", "labelmefacade"))
    examples = load(args.features)
    late = held_out(examples, list(coco.index), list(facades.index))
    true = np.isin(examples.source, ["coco_train", "coco_train+jitter"]) & (examples.kind == "object")
    large = true.copy()
    large[true] = large_objects(args.packs, LARGE)
    judge = Judge(args.weights, None if args.sceneless else Scenes(examples))
    names = [name for name in coco.classes.values() if name != "background"]
    vocabularies = {
        "80 COCO names": JudgedVocabulary.plain(names),
        "default": JudgedVocabulary.from_file(args.vocabulary),
    }
    shown = late & true & (examples.source == "coco_train")
    for size, rows in (("all", shown), (f"above {LARGE:.0%} of the image", shown & large)):
        for name, vocabulary in vocabularies.items():
            print(f"goals, {name}, {size}: ", end="")
            goals(judge, examples.take(rows), vocabulary, examples.take(late & nothing_in(examples)))
    few = {"cat, dog": ["cat", "dog"], "car": ["car"], "person": ["person"]}
    plain = {name: JudgedVocabulary.plain(labels) for name, labels in few.items()}
    report(judge, examples.take(late), vocabularies | plain)


if __name__ == "__main__":
    main()
