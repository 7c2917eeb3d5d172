"""Finds the features of the whole images that regions come from."""

import numpy as np
import torch
from torch import Tensor

from tools.training.labeller.dataset import Examples

PACKS = {
    "coco_segments": "coco_train", "coco_stuff": "coco_train", "voc_stuff": "voc2012_aug",
    "flickr_stuff": "flickr8k_train",
}  # fmt: skip
"""Packs of the sources whose name is not that of their pack."""

WHOLE = ("scene", "photo")
"""Kinds of examples that are whole images."""

VARIANTS = 5
"""Largest number of variants of an image that are drawn from."""


class Scenes:
    """Features of whole images, found by the examples that were cut out of them.

    Args:
        examples: All examples; the whole images among them are the scenes. The first of an image is the image
            itself, the others are variants.

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

    def rows(self, examples: Examples) -> Tensor:
        """Return rows of `features` for every example, int64 [N, VARIANTS]; the first is the image itself.

        Raises:
            KeyError: The image of an example is not among the scenes.
        """
        rows = [self._rows[key] for key in _keys(examples)]
        return torch.tensor([[found[variant % len(found)] for variant in range(VARIANTS)] for found in rows])

    def plain(self, examples: Examples) -> Tensor:
        """Return the features of the unvaried image of every example, float32 [N, 1280]."""
        return self.features[self.rows(examples)[:, 0]]


def _keys(examples: Examples) -> list[tuple[str, str]]:
    stems = [source.split("+")[0] for source in examples.source.tolist()]
    return [(PACKS.get(stem, stem), key) for stem, key in zip(stems, examples.key.tolist(), strict=True)]
