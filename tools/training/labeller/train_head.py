"""Trains the heads on cached features and writes image-head.onnx and text-head.onnx.

Usage: python -m tools.training.labeller.train_head PACKS_DIR MINILM_DIR CHECKPOINT VOCABULARY OUT_DIR NPZ ...
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tools.training.labeller.dataset import Examples, held_out, load
from tools.training.labeller.export_heads import export_heads
from tools.training.labeller.heads import NAMES_SHARE, ImageHead, ServedText
from tools.training.labeller.questions import ask
from tools.training.labeller.reject import fit_reject, keep_names
from tools.training.labeller.scenes import Scenes
from tools.training.labeller.sentences import Sentences
from tools.training.labeller.stages import Stages
from tools.training.labeller.trainer import Trainer, named
from tools.training.labeller.vocabulary import JudgedVocabulary
from tools.training.packs import Pack

SEED = 0
KEEP_ONE_IN = 5
"""The true objects of every so many photographs set the bar of the reject class instead of training it."""


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("packs", "minilm", "checkpoint", "vocabulary", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("features", type=Path, nargs="+")
    return parser.parse_args()


def training_examples(args: argparse.Namespace) -> Examples:
    """All cached examples but those of the photographs held out."""
    coco, facades = (Pack(args.packs / f"{name}.zip") for name in ("coco_train", "labelmefacade"))
    examples = load(args.features)
    return examples.take(~held_out(examples, list(coco.index), list(facades.index)))


def vocabularies_of(args: argparse.Namespace, regions: Examples) -> list[JudgedVocabulary]:
    """The default vocabulary, the COCO names, and every other name in the examples."""
    coco = Pack(args.packs / "coco_train.zip").classes.values()
    plain = JudgedVocabulary.plain([name for name in coco if name != "background"])
    others = set(regions.name[named(regions)].tolist()) - set(plain.meanings)
    return [JudgedVocabulary.from_file(args.vocabulary), plain, JudgedVocabulary.plain(sorted(others))]


def train_reject(
    image: ImageHead, regions: Examples, cosines: Tensor, vocabularies: list[JudgedVocabulary]
) -> float:
    """Fit the reject part of the head in place; the scale of the logits."""
    known = frozenset(vocabularies[1].meanings)
    late = np.isin(regions.photo, np.unique(regions.photo)[::KEEP_ONE_IN])
    true = late & (regions.source == "coco_train")
    trials, bar = (
        ask(regions.take(rows), cosines[torch.tensor(rows)], vocabularies, known) for rows in (~late, true)
    )
    torch.manual_seed(SEED)
    scale = fit_reject(image, trials)
    keep_names(image, bar)
    return scale


def trainer_of(args: argparse.Namespace, examples: Examples) -> tuple[Trainer, Examples]:
    """What fits heads, and the examples that are regions."""
    *_, weight, bias = torch.load(args.checkpoint, weights_only=True).values()
    captioned = examples.source == "flickr8k_train"
    scenes = Scenes(examples)
    trainer = Trainer(Sentences(args.minilm), (weight, bias), examples.take(captioned), scenes)
    return trainer, examples.take(~captioned & (examples.kind != "scene"))


def main() -> None:
    """Fit on either half for unseen cosines, then on everything; add the reject part; export."""
    args = arguments()
    torch.set_num_threads(1)
    trainer, regions = trainer_of(args, training_examples(args))
    vocabularies = vocabularies_of(args, regions)
    stages = Stages(args.out / "stages", SEED)
    cosines = stages.run(
        "cosines", lambda: trainer.unseen_cosines(regions, vocabularies, np.random.default_rng(SEED))
    )
    image, text = stages.run("heads", lambda: trainer.heads(regions))
    scale = train_reject(image, regions, cosines, vocabularies)
    served = ServedText(text, trainer.known(regions))
    export_heads(image, served, scale / NAMES_SHARE**0.5, args.out)


if __name__ == "__main__":
    main()
