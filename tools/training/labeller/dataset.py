"""Holds the training examples: cached features of the trunk, their labels, and those that are held out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HELD_OUT_COCO = 94
"""Number of images at the end of the pack of COCO that are kept for evaluation."""

HELD_OUT_FACADES = 80
"""Number of images at the end of the pack of facades that are kept for evaluation."""

RENAMED = {
    "aeroplane": "airplane", "airplanes": "airplane", "motorbike": "motorcycle", "motorbikes": "motorcycle",
    "vegetation": "tree", "faces": "person", "car side": "car", "cellphone": "cell phone", "sofa": "couch",
    "table": "dining table", "soccer ball": "sports ball", "wild cat": "wildcat", "cougar body": "cougar",
    "cougar face": "cougar", "crocodile head": "crocodile", "flamingo head": "flamingo",
    "windsor chair": "chair", "garfield": "cartoon cat", "snoopy": "cartoon dog", "bass": "fish",
    "water lilly": "water lily", "joshua tree": "tree", "ketch": "boat", "schooner": "boat", "ferry": "boat",
    "pigeon": "bird", "dalmatian": "dog", "watch": "wristwatch",
}  # fmt: skip
"""Labels of the training data by class names of the packs, where they differ."""

SYNONYMS = {
    "person": ("person", "person", "man", "woman", "human", "people"),
    "couch": ("couch", "sofa"),
    "tv": ("tv", "television", "tv screen", "computer monitor", "monitor"),
    "cell phone": ("cell phone", "phone", "mobile phone"),
    "dining table": ("dining table", "table"),
    "motorcycle": ("motorcycle", "motorbike"),
    "airplane": ("airplane", "plane", "aeroplane"),
    "bicycle": ("bicycle", "bike"),
    "donut": ("donut", "doughnut"),
    "mouse": ("computer mouse",),
    "keyboard": ("keyboard", "computer keyboard"),
    "potted plant": ("potted plant", "plant"),
    "refrigerator": ("refrigerator", "fridge"),
    "sports ball": ("sports ball", "ball"),
    "building": ("building", "building", "building", "house"),
    "pavement": ("pavement", "sidewalk"),
    "road": ("road", "street"),
    "tree": ("tree", "tree", "trees", "vegetation", "plants and trees"),
    "window": ("window", "window of a building"),
    "door": ("door", "door of a building"),
    "water": ("water", "water; sea", "sea", "lake", "river", "body of water"),
    "grass": ("grass", "lawn", "grass field"),
    "sky": ("sky", "sky", "blue sky", "clouds in the sky"),
    "stop sign": ("stop sign", "sign", "street sign"),
    "bird": ("bird",),
    "orange": ("orange", "orange, the fruit"),
    "apple": ("apple", "apple, the fruit"),
}
"""Texts that stand for a label; one that stands here twice is drawn twice as often."""


@dataclass(frozen=True)
class Examples:
    """The training examples as columns of equal length.

    Attributes:
        features: Features of the trunk, float32 [N, 1280].
        conse: ConSE vectors, float32 [N, 384].
        source: Source of each example, as in `tools.training.labeller.regions.Example`.
        key: Key of the image of each.
        label: Label of each; for flickr8k_train its captions.
        kind: Kind of each, as in `tools.training.labeller.regions.Example`.
        iou: IoU of each with the true region, float64 [N].
    """

    features: NDArray[np.float32]
    conse: NDArray[np.float32]
    source: NDArray[np.str_]
    key: NDArray[np.str_]
    label: NDArray[np.str_]
    kind: NDArray[np.str_]
    iou: NDArray[np.float64]

    def take(self, rows: NDArray[np.bool_]) -> "Examples":
        """Return the examples where `rows` [N] is true."""
        return Examples(**{name: column[rows] for name, column in vars(self).items()})

    def __len__(self) -> int:
        return len(self.label)


def load(paths: Sequence[Path]) -> Examples:
    """Read the examples of several .npz files, with unified labels."""
    files = [np.load(path) for path in paths]
    columns = {name: np.concatenate([file[name] for file in files]) for name in files[0].files}
    columns["label"] = np.array([RENAMED.get(label, label) for label in columns["label"].tolist()])
    wide = {name: columns[name].astype(np.float32) for name in ("features", "conse")}
    return Examples(**(columns | wide))


def held_out(examples: Examples, coco_keys: Sequence[str], facade_keys: Sequence[str]) -> NDArray[np.bool_]:
    """Return bool [N], true for examples of the images kept for evaluation, the last ones of both packs.

    Args:
        examples: The examples.
        coco_keys: Keys of the pack of COCO, in its order.
        facade_keys: Keys of the pack of facades, in its order.
    """
    coco = np.char.startswith(examples.source, "coco_") & (examples.source != "coco_person")
    late_coco = np.isin(examples.key, list(coco_keys)[-HELD_OUT_COCO:])
    facades = examples.source == "labelmefacade"
    late_facade = np.isin(examples.key, list(facade_keys)[-HELD_OUT_FACADES:])
    late: NDArray[np.bool_] = (coco & late_coco) | (facades & late_facade)
    return late
