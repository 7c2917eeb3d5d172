"""Measures labels that were not trained on: heads fitted without a fifth of the COCO names rank all of them.

python -m tools.training.labeller.unseen PACKS_DIR MINILM_DIR CHECKPOINT OUT_DIR NPZ ... [--parts 5]

The shipped heads are trained on all names. Here every fifth name is left out, in turn. The results of the
fits are kept in OUT_DIR, and a second run reads them from there.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tools.training.labeller.dataset import Examples, held_out, load
from tools.training.labeller.fit import STEPS
from tools.training.labeller.heads import ImageHead, TextHead
from tools.training.labeller.stages import Stages
from tools.training.labeller.train_head import SEED, trainer_of
from tools.training.labeller.trainer import Trainer
from tools.training.labeller.vocabulary import EvaluationVocabulary
from tools.training.packs import Pack

ORDER = (2, 0, 1, 3, 4)
"""Order of the fifths; earlier heads were measured on the first of them."""


def ranks(cosines: Tensor, hits: Tensor) -> NDArray[np.int64]:
    """Return the rank of the best right label of each example, int64 [N], 0 for the first.

    Args:
        cosines: float32 [N, L].
        hits: bool [N, L], true for labels that are right.
    """
    right = cosines.masked_fill(~hits, -1e4).amax(1, keepdim=True)
    places: NDArray[np.int64] = (cosines > right).sum(1).numpy()
    return places


def ranks_of(
    trainer: Trainer,
    heads: tuple[ImageHead, TextHead],
    shown: Examples,
    evaluated: Examples,
    vocabulary: EvaluationVocabulary,
) -> NDArray[np.int64]:
    """Return the ranks [N] of the right labels of `evaluated` by heads that were fitted to `shown`."""
    bonus = trainer.bonus(vocabulary, trainer.known(shown))
    cosines = trainer.cosines(heads, evaluated, vocabulary)
    return ranks(cosines + bonus, vocabulary.hits(evaluated.label))


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("packs", type=Path, help="folder of the image packs")
    parser.add_argument("minilm", type=Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("checkpoint", type=Path, help="ImageNet weights of EfficientNet-Lite2")
    parser.add_argument("out", type=Path, help="folder for the results of the fits")
    parser.add_argument("features", type=Path, nargs="+", help="files of the features of examples")
    parser.add_argument("--parts", type=int, default=len(ORDER), help="number of fifths that are left out")
    parser.add_argument("--steps", type=int, default=STEPS, help="steps of each fit")
    return parser.parse_args()


def main() -> None:
    """Fit without every part of the names, and print how often these names are found."""
    args = arguments()
    torch.set_num_threads(1)
    coco, facades = (Pack(args.packs / f"{name}.zip") for name in ("coco_train", "labelmefacade"))
    trainer, regions = trainer_of(args, load(args.features))
    late = held_out(regions, list(coco.index), list(facades.index))
    names = [name for name in coco.classes.values() if name != "background"]
    vocabulary, stages, found = EvaluationVocabulary.plain(names), Stages(args.out, SEED), []
    for part in ORDER[: args.parts]:
        left_out = np.isin(regions.label, names[part :: len(ORDER)])
        shown = regions.take(~late & ~left_out)
        evaluated = regions.take(late & left_out & (regions.source == "coco_train"))
        heads = stages.run(f"part-{part}", partial(trainer.heads, shown, args.steps))
        found.append(ranks_of(trainer, heads, shown, evaluated, vocabulary))
        _report(f"without {', '.join(names[part :: len(ORDER)])}", found[-1], len(names))
    _report("all parts", np.concatenate(found), len(names))


def _report(title: str, places: NDArray[np.int64], total: int) -> None:
    top = (places < 1).mean(), (places < 5).mean()
    print(f"{title}: {len(places)} objects, top-1 {top[0]:.3f}, top-5 {top[1]:.3f} of {total}")


if __name__ == "__main__":
    main()
