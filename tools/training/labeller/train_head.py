"""Trains the heads on cached features and writes image-head.onnx and text-head.onnx.

python -m tools.training.labeller.train_head PACKS_DIR MINILM_DIR CHECKPOINT VOCABULARY OUT_DIR NPZ ...

The results of the fits are kept in OUT_DIR/stages, and a second run reads them from there.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tools.training.labeller import fit, reject
from tools.training.labeller.dataset import Examples, held_out, load
from tools.training.labeller.export_heads import export_heads
from tools.training.labeller.heads import LABELS_WEIGHT, ImageHead, ServedText
from tools.training.labeller.questions import trials_of
from tools.training.labeller.scenes import Scenes
from tools.training.labeller.sentences import Sentences
from tools.training.labeller.stages import Stages
from tools.training.labeller.trainer import Trainer, labelled
from tools.training.labeller.vocabulary import EvaluationVocabulary
from tools.training.packs import Pack

SEED = 0
"""Seed of every stage."""

KEEP_ONE_IN = 5
"""The objects of every so many images set the threshold of the reject class instead of training it."""


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("packs", type=Path, help="folder of the image packs")
    parser.add_argument("minilm", type=Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("checkpoint", type=Path, help="ImageNet weights of EfficientNet-Lite2")
    parser.add_argument("vocabulary", type=Path, help="file of the default vocabulary")
    parser.add_argument("out", type=Path, help="folder for the files and the stages")
    parser.add_argument("features", type=Path, nargs="+", help="files of the features of examples")
    parser.add_argument("--steps", type=int, default=fit.STEPS, help="steps of the fit to all examples")
    parser.add_argument("--half-steps", type=int, default=fit.STEPS, help="steps of the fit to each half")
    parser.add_argument("--reject-steps", type=int, default=reject.STEPS, help="steps of the reject class")
    return parser.parse_args()


def training_examples(args: argparse.Namespace) -> Examples:
    """Return all cached examples except those of images that are held out."""
    coco, facades = (Pack(args.packs / f"{name}.zip") for name in ("coco_train", "labelmefacade"))
    examples = load(args.features)
    return examples.take(~held_out(examples, list(coco.index), list(facades.index)))


def vocabularies_of(args: argparse.Namespace, regions: Examples) -> list[EvaluationVocabulary]:
    """Return the default vocabulary, the COCO names, and every other label of the examples."""
    coco = Pack(args.packs / "coco_train.zip").classes.values()
    plain = EvaluationVocabulary.plain([name for name in coco if name != "background"])
    others = set(regions.label[labelled(regions)].tolist()) - set(plain.meanings)
    default = EvaluationVocabulary.from_file(args.vocabulary)
    return [default, plain, EvaluationVocabulary.plain(sorted(others))]


def train_reject(
    image: ImageHead,
    regions: Examples,
    cosines: Tensor,
    vocabularies: list[EvaluationVocabulary],
    steps: int,
) -> float:
    """Fit the reject part of the head in place; return the scale of the logits.

    Args:
        image: The head.
        regions: The examples.
        cosines: Weighted cosines of examples and labels, float32 [N, L].
        vocabularies: The vocabularies of the labels; the second has the COCO names.
        steps: Number of steps.
    """
    known = frozenset(vocabularies[1].meanings)
    late = np.isin(regions.key, np.unique(regions.key)[::KEEP_ONE_IN])
    true = late & (regions.source == "coco_train")
    trained, kept = (
        trials_of(regions.take(rows), cosines[torch.tensor(rows)], vocabularies, known)
        for rows in (~late, true)
    )
    torch.manual_seed(SEED)
    scale = reject.fit_reject(image, trained, steps)
    reject.keep_labels(image, kept)
    return scale


def trainer_of(args: argparse.Namespace, examples: Examples) -> tuple[Trainer, Examples]:
    """Return the trainer of the heads, and the examples that are regions."""
    *_, weight, bias = torch.load(args.checkpoint, weights_only=True).values()
    captioned = examples.source == "flickr8k_train"
    scenes = Scenes(examples)
    trainer = Trainer(Sentences(args.minilm), (weight, bias), examples.take(captioned), scenes)
    return trainer, examples.take(~captioned & (examples.kind != "scene"))


def main() -> None:
    """Fit to either half for the cosines, then to all examples; fit the reject class; export."""
    args = arguments()
    torch.set_num_threads(1)
    trainer, regions = trainer_of(args, training_examples(args))
    vocabularies = vocabularies_of(args, regions)
    stages, rng = Stages(args.out / "stages", SEED), np.random.default_rng(SEED)
    cosines = stages.run(
        "cosines", lambda: trainer.unseen_cosines(regions, vocabularies, rng, args.half_steps)
    )
    image, text = stages.run("heads", lambda: trainer.heads(regions, args.steps))
    scale = train_reject(image, regions, cosines, vocabularies, args.reject_steps)
    served = ServedText(text, trainer.known(regions))
    export_heads(image, served, scale / LABELS_WEIGHT**0.5, args.out)


if __name__ == "__main__":
    main()
