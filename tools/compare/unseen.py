"""Leaves some classes out of all training, and asks about them too (generalised zero-shot learning).

Chao et al., ECCV 2016; the harmonic mean as in Xian et al., TPAMI 2019.
"""

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Floats
from tools.compare.contest import FEW_SHOT, PROBE, ZERO_SHOT, Contest, renumbered
from tools.compare.measures import softmax
from tools.compare.outcome import Generalised, Unseen
from tools.compare.split import Rows, held_out


def ask_unseen(contest: Contest, share: float, seed: int) -> Unseen | None:
    """Every contender among all names; None where no class is left out.

    The network is probed and not fine-tuned again: what it cannot answer stays the same.
    """
    material = contest.material
    unseen = held_out(material.classes, share, seed)
    if not len(unseen):
        return None
    seen = np.setdiff1d(np.arange(material.classes), unseen)
    new = np.isin(material.test.targets, unseen)
    taught = np.flatnonzero(~np.isin(material.train.targets, unseen))
    named = contest.named()[:, :-1]
    answers = {
        ZERO_SHOT: named,
        FEW_SHOT: contest.few_shot(taught).probabilities,
        PROBE: _probed(contest, taught, seen),
    }
    rows = tuple(_row(name, found, material.test.targets, new) for name, found in answers.items())
    alone = named[new][:, unseen].argmax(axis=1) == renumbered(material.test.targets[new], unseen)
    names = tuple(material.vocabulary.names[row] for row in unseen)
    return Unseen(names, rows, float(alone.mean()))


def _probed(contest: Contest, taught: Rows, seen: Rows) -> Floats:
    """Probabilities [T, C]; those of classes that the probe does not know are 0."""
    train, test = contest.material.train, contest.material.test
    targets = renumbered(train.targets[taught], seen)
    head, _ = contest.cnn.probe(train.features.values[taught], targets, len(seen))
    answers = np.zeros((len(test.targets), contest.material.classes), np.float32)
    answers[:, seen] = softmax(head.logits(test.features.values))
    return answers


def _row(name: str, answers: Floats, targets: Rows, new: NDArray[np.bool_]) -> Generalised:
    right = answers.argmax(axis=1) == targets
    return Generalised(name, float(right[~new].mean()), float(right[new].mean()))
