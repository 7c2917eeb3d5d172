"""Turns examples and vocabularies into questions whose answer is a label or none."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tools.training.labeller.dataset import Examples
from tools.training.labeller.names import together
from tools.training.labeller.reject import Trials
from tools.training.labeller.trainer import draw_weight, named
from tools.training.labeller.vocabulary import JudgedVocabulary


def ask(
    examples: Examples, cosines: Tensor, vocabularies: list[JudgedVocabulary], known: frozenset[str]
) -> Trials:
    """The examples against every label.

    Args:
        examples: All of them.
        cosines: float32 [N, L].
        vocabularies: Those that the columns come from; the last is only drawn from, never used whole.
        known: Names that annotators marked wherever they are, so that a background holds none of them.
    """
    shown = named(examples)
    hits = torch.cat([v.hits(examples.name) for v in vocabularies], 1) & torch.tensor(shown)[:, None]
    sizes = [len(v.labels) for v in vocabularies]
    meanings = np.array([meaning for v in vocabularies for meaning in v.meanings])
    return Trials(
        features=torch.tensor(examples.features),
        cosines=cosines,
        hits=hits,
        excused=torch.tensor(_excused(examples, shown, meanings, known)),
        weight=draw_weight(examples, torch.zeros(len(examples), dtype=torch.long)),
        fixed=torch.arange(sum(sizes)).split(sizes)[:-1],
    )


def _excused(
    examples: Examples, shown: NDArray[np.bool_], meanings: NDArray[np.str_], known: frozenset[str]
) -> NDArray[np.bool_]:
    """Labels [N, L] neither right nor wrong: kin of the name, and what a background may hold unmarked."""
    kin = {name: [together(name, meaning) for meaning in meanings] for name in set(examples.name.tolist())}
    excused: NDArray[np.bool_] = np.array([kin[name] for name in examples.name.tolist()])
    excused &= (shown | (examples.kind == "part"))[:, None]
    excused |= (examples.kind == "background")[:, None] & ~np.isin(meanings, list(known))
    return excused
