"""Measures names never trained on: heads fitted without 16 of the 80 COCO names rank them among all 80.

Usage: python -m tools.training.labeller.unseen PACKS_DIR MINILM_DIR CHECKPOINT OUT_DIR NPZ ... [--parts 5]

The shipped heads are trained on all names. The names are left out in turn, every fifth at a time; a fit that
is kept in OUT_DIR is not repeated.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tools.training.labeller.dataset import Examples, held_out, load
from tools.training.labeller.stages import Stages
from tools.training.labeller.train_head import SEED, trainer_of
from tools.training.labeller.trainer import Trainer
from tools.training.labeller.vocabulary import JudgedVocabulary
from tools.training.packs import Pack

ORDER = (2, 0, 1, 3, 4)
"""The first is the part that earlier heads were measured on."""
STEPS = 600


def ranks(cosines: Tensor, hits: Tensor) -> NDArray[np.int64]:
    """Place of the right name, 0 the best, for cosines and hits [N, L]."""
    right = cosines.masked_fill(~hits, -1e4).amax(1, keepdim=True)
    places: NDArray[np.int64] = (cosines > right).sum(1).numpy()
    return places


def judge_part(
    trainer: Trainer, stages: Stages, regions: Examples, late: NDArray[np.bool_], names: list[str], part: int
) -> NDArray[np.int64]:
    """Ranks of held-out objects whose names were left out."""
    vocabulary, without = JudgedVocabulary.plain(names), names[part :: len(ORDER)]
    left_out = np.isin(regions.name, without)
    shown = regions.take(~late & ~left_out)
    heads = stages.run(f"part-{part}", lambda: trainer.heads(shown, STEPS))
    bonus = trainer.bonus(vocabulary, trainer.known(shown))
    judged = regions.take(late & left_out & (regions.source == "coco_train"))
    return ranks(trainer.cosines(heads, judged, vocabulary) + bonus, vocabulary.hits(judged.name))


def main() -> None:
    """Fit without every part of the names, and print how often those names are found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name in ("packs", "minilm", "checkpoint", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("features", type=Path, nargs="+")
    parser.add_argument("--parts", type=int, default=len(ORDER), help="how many of the five parts")
    args = parser.parse_args()
    torch.set_num_threads(1)
    coco, facades = (Pack(args.packs / f"{name}.zip") for name in ("coco_train", "labelmefacade"))
    trainer, regions = trainer_of(args, load(args.features))
    late = held_out(regions, list(coco.index), list(facades.index))
    names = [name for name in coco.classes.values() if name != "background"]
    stages, found = Stages(args.out, SEED), []
    for part in ORDER[: args.parts]:
        found.append(judge_part(trainer, stages, regions, late, names, part))
        _report(f"without {', '.join(names[part :: len(ORDER)])}", found[-1])
    _report("all parts", np.concatenate(found))


def _report(what: str, places: NDArray[np.int64]) -> None:
    top = (places < 1).mean(), (places < 5).mean()
    print(f"{what}: {len(places)} objects, top-1 {top[0]:.3f}, top-5 {top[1]:.3f} of 80")


if __name__ == "__main__":
    main()
