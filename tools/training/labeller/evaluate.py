"""Evaluates exported heads on images that no head was fitted to, and prints the figures.

python -m tools.training.labeller.evaluate PACKS_DIR WEIGHTS_DIR VOCABULARY FEATURES.npz ... [--sceneless]
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from tools.training.labeller.dataset import Examples, held_out, load
from tools.training.labeller.judging import Predictions, Predictor
from tools.training.labeller.regions import large_objects
from tools.training.labeller.scenes import Scenes
from tools.training.labeller.vocabulary import EvaluationVocabulary
from tools.training.packs import Pack

LARGE = 0.01
"""Share of the image that a large object covers at least."""

RECALL = 0.9
"""Share of the objects that keep a label at the threshold at which rejections are measured."""


def goals(
    predictor: Predictor, examples: Examples, vocabulary: EvaluationVocabulary, nothing: Examples
) -> None:
    """Print accuracy, calibration, and the share of regions of nothing that is rejected at RECALL."""
    labelled = examples.take(labelled_by(vocabulary, examples))
    inside = predictor.predict(labelled, vocabulary)
    threshold = np.quantile(inside.margin, 1 - RECALL)
    rejected = (predictor.predict(nothing, vocabulary).margin < threshold).mean()
    print(f"{len(labelled)} objects: top-1 {inside.top(1):.3f}, top-5 {inside.top(5):.3f}, ", end="")
    print(f"ECE {inside.calibration_error:.3f}, nothing rejected at {RECALL:.0%} recall {rejected:.3f}")


def labelled_by(vocabulary: EvaluationVocabulary, examples: Examples) -> NDArray[np.bool_]:
    """Return bool [N], true for examples for which a label of the vocabulary is right."""
    return np.asarray(vocabulary.hits(examples.label).numpy().any(1), np.bool_)


def nothing_in(examples: Examples) -> NDArray[np.bool_]:
    """Return bool [N], true for examples that show nothing in particular."""
    return np.isin(examples.kind, ["mixture", "background"])


def report(predictor: Predictor, examples: Examples, vocabularies: dict[str, EvaluationVocabulary]) -> None:
    """Print accuracy, calibration and rejection for every vocabulary."""
    objects = examples.take((examples.source == "coco_train") & (examples.kind == "object"))
    nothing = examples.take(nothing_in(examples))
    stuff = examples.take(examples.kind == "stuff")
    for name, vocabulary in vocabularies.items():
        print(f"== {name}")
        labelled = labelled_by(vocabulary, objects)
        if not labelled.any():
            print("no object has a label of the vocabulary")
            continue
        inside = predictor.predict(objects.take(labelled), vocabulary)
        _accuracy(inside)
        print(f"all objects: ECE {predictor.predict(objects, vocabulary).calibration_error:.3f}")
        _rejection("regions of nothing", predictor.predict(nothing, vocabulary), inside)
        if not labelled.all():
            others = objects.take(~labelled)
            _rejection("objects without a label", predictor.predict(others, vocabulary), inside)
        labelled_stuff = stuff.take(labelled_by(vocabulary, stuff))
        if len(labelled_stuff):
            _stuff(predictor.predict(labelled_stuff, vocabulary), labelled_stuff, vocabulary)


def _accuracy(inside: Predictions) -> None:
    count = len(inside.probabilities)
    print(f"{count} objects with a label: top-1 {inside.top(1):.3f}, top-5 {inside.top(5):.3f}")
    print(f"kept {inside.kept:.3f}, of those with the right label {inside.kept_if_right:.3f}; ", end="")
    print(f"ECE {inside.calibration_error:.3f}")


def _rejection(what: str, outside: Predictions, inside: Predictions) -> None:
    print(f"rejected {1 - outside.kept:.3f} of {len(outside.probabilities)} {what}, ", end="")
    print(f"AUC {_auc(outside, inside):.3f}")


def _auc(outside: Predictions, inside: Predictions) -> float:
    scores = np.concatenate([outside.probabilities[:, -1], inside.probabilities[:, -1]])
    return float(roc_auc_score(np.arange(len(scores)) < len(outside.probabilities), scores))


def _stuff(predictions: Predictions, examples: Examples, vocabulary: EvaluationVocabulary) -> None:
    print(f"stuff: top-1 {predictions.top(1):.3f}, kept {predictions.kept:.3f} of {len(examples)}")
    labels = np.array([*vocabulary.labels, "unknown"])
    for label in sorted(set(examples.label.tolist())):
        chosen = labels[predictions.probabilities[examples.label == label].argmax(1)]
        print(f"  {label}: {dict(Counter(chosen.tolist()).most_common(4))}")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("packs", type=Path, help="folder of the image packs")
    parser.add_argument("weights", type=Path, help="folder of the exported heads and of the text tower")
    parser.add_argument("vocabulary", type=Path, help="file of the default vocabulary")
    parser.add_argument("features", type=Path, nargs="+", help="files of the features of examples")
    parser.add_argument(
        "--sceneless", action="store_true", help="predict from the crops without their images"
    )
    return parser.parse_args()


def main() -> None:
    """Print the figures."""
    args = arguments()
    coco, facades = (Pack(args.packs / f"{name}.zip") for name in ("coco_train", "labelmefacade"))
    examples = load(args.features)
    late = held_out(examples, list(coco.index), list(facades.index))
    true = np.isin(examples.source, ["coco_train", "coco_train+jitter"]) & (examples.kind == "object")
    large = true.copy()
    large[true] = large_objects(args.packs, LARGE)
    predictor = Predictor(args.weights, None if args.sceneless else Scenes(examples))
    coco_labels = [name for name in coco.classes.values() if name != "background"]
    vocabularies = {
        f"{len(coco_labels)} COCO names": EvaluationVocabulary.plain(coco_labels),
        "default": EvaluationVocabulary.from_file(args.vocabulary),
    }
    shown = late & true & (examples.source == "coco_train")
    nothing = examples.take(late & nothing_in(examples))
    for size, rows in (("all", shown), (f"above {LARGE:.0%} of the image", shown & large)):
        for name, vocabulary in vocabularies.items():
            print(f"goals, {name}, {size}: ", end="")
            goals(predictor, examples.take(rows), vocabulary, nothing)
    few = {"cat, dog": ["cat", "dog"], "car": ["car"], "person": ["person"]}
    plain = {name: EvaluationVocabulary.plain(labels) for name, labels in few.items()}
    report(predictor, examples.take(late), vocabularies | plain)


if __name__ == "__main__":
    main()
