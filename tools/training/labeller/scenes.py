"""The whole photographs that regions come from."""

import numpy as np
import torch
from torch import Tensor

from tools.training.labeller.dataset import Examples

PACKS = {
    "coco_segments": "coco_train", "coco_stuff": "coco_train", "voc_stuff": "voc2012_aug",
    "flickr_stuff": "flickr8k_train",
}  # fmt: skip
"""Packs of the sources that are not named like theirs."""
WHOLE = ("scene", "photo")
LOOKS = 5
"""So many looks of a photograph are drawn from at most."""


class Scenes:
    """Features of whole photographs, found by the examples cut out of them.

    Args:
        examples: All of them; the whole photographs among them are the scenes. The first of each is its
            plain look, the others vary.

    Attributes:
        features: float32 [S, 1280].
    """

    def __init__(self, examples: Examples) -> None:
        whole = examples.take(np.isin(examples.kind, WHOLE))
        self.features = torch.tensor(whole.features)
        rows: dict[tuple[str, str], list[int]] = {}
        for row, key in enumerate(_keys(whole)):
            rows.setdefault(key, []).append(row)
        self._rows = rows

    def looks(self, examples: Examples) -> Tensor:
        """Rows of `features` for every example, int64 [N, LOOKS], the plain look first.

        Raises:
            KeyError: The photograph of an example is not among the scenes.
        """
        rows = [self._rows[key] for key in _keys(examples)]
        return torch.tensor([[found[look % len(found)] for look in range(LOOKS)] for found in rows])

    def plain(self, examples: Examples) -> Tensor:
        """Features of the photograph of every example, as it is: float32 [N, 1280]."""
        return self.features[self.looks(examples)[:, 0]]


def _keys(examples: Examples) -> list[tuple[str, str]]:
    stems = [source.split("+")[0] for source in examples.source.tolist()]
    return [
        (PACKS.get(stem, stem), photo) for stem, photo in zip(stems, examples.photo.tolist(), strict=True)
    ]
