"""Turns examples and vocabularies into trials whose answer is a label or the reject class."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tools.training.labeller.dataset import Examples
from tools.training.labeller.names import compatible
from tools.training.labeller.reject import Trials
from tools.training.labeller.trainer import draw_weight, labelled
from tools.training.labeller.vocabulary import EvaluationVocabulary


def trials_of(
    examples: Examples, cosines: Tensor, vocabularies: list[EvaluationVocabulary], known: frozenset[str]
) -> Trials:
    """Return the examples with every label of the vocabularies.

    Args:
        examples: The examples.
        cosines: Weighted cosines of examples and labels, float32 [N, L].
        vocabularies: The vocabularies of the labels; the last is only drawn from, never used as a whole.
        known: Labels that annotators marked everywhere, so that a background has none of them.
    """
    shown = labelled(examples)
    hits = torch.cat([v.hits(examples.label) for v in vocabularies], 1) & torch.tensor(shown)[:, None]
    sizes = [len(v.labels) for v in vocabularies]
    meanings = np.array([meaning for v in vocabularies for meaning in v.meanings])
    return Trials(
        features=torch.tensor(examples.features),
        cosines=cosines,
        hits=hits,
        ignored=torch.tensor(_ignored(examples, shown, meanings, known)),
        weight=draw_weight(examples, torch.zeros(len(examples), dtype=torch.long)),
        fixed=torch.arange(sum(sizes)).split(sizes)[:-1],
    )


def _ignored(
    examples: Examples, shown: NDArray[np.bool_], meanings: NDArray[np.str_], known: frozenset[str]
) -> NDArray[np.bool_]:
    """Return bool [N, L], true for labels that are neither right nor wrong.

    They are compatible with the label of the example, or may be in a background without an annotation.
    """
    present = set(examples.label.tolist())
    rows = {label: [compatible(label, meaning) for meaning in meanings] for label in present}
    ignored: NDArray[np.bool_] = np.array([rows[label] for label in examples.label.tolist()])
    ignored &= (shown | (examples.kind == "part"))[:, None]
    ignored |= (examples.kind == "background")[:, None] & ~np.isin(meanings, list(known))
    return ignored
