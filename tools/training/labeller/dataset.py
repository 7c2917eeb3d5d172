"""Training examples: cached trunk features, the names they answer to, and who is held out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HELD_OUT_COCO = 94
HELD_OUT_FACADES = 80
RENAMED = {
    "aeroplane": "airplane", "airplanes": "airplane", "motorbike": "motorcycle", "motorbikes": "motorcycle",
    "vegetation": "tree", "faces": "person", "car side": "car", "cellphone": "cell phone", "sofa": "couch",
    "table": "dining table", "soccer ball": "sports ball", "wild cat": "wildcat", "cougar body": "cougar",
    "cougar face": "cougar", "crocodile head": "crocodile", "flamingo head": "flamingo",
    "windsor chair": "chair", "garfield": "cartoon cat", "snoopy": "cartoon dog", "bass": "fish",
    "water lilly": "water lily", "joshua tree": "tree", "ketch": "boat", "schooner": "boat", "ferry": "boat",
    "pigeon": "bird", "dalmatian": "dog", "watch": "wristwatch",
}  # fmt: skip
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
"""Texts for a name; a name repeated is drawn more often."""


@dataclass(frozen=True)
class Examples:
    """Columns of equal length.

    Attributes:
        features: float32 [N, 1280].
        conse: float32 [N, 384].
        source: Where each came from.
        photo: Its photograph.
        name: Its name, captions for flickr8k_train.
        kind: See tools.training.labeller.regions.Example.
        iou: float64 [N].
    """

    features: NDArray[np.float32]
    conse: NDArray[np.float32]
    source: NDArray[np.str_]
    photo: NDArray[np.str_]
    name: NDArray[np.str_]
    kind: NDArray[np.str_]
    iou: NDArray[np.float64]

    def take(self, rows: NDArray[np.bool_]) -> "Examples":
        """The examples of a boolean mask."""
        return Examples(**{key: column[rows] for key, column in vars(self).items()})

    def __len__(self) -> int:
        return len(self.name)


def load(paths: Sequence[Path]) -> Examples:
    """The examples of several files, names unified."""
    files = [np.load(path) for path in paths]
    columns = {key: np.concatenate([file[key] for file in files]) for key in files[0].files}
    columns["name"] = np.array([RENAMED.get(name, name) for name in columns["name"].tolist()])
    wide = {key: columns[key].astype(np.float32) for key in ("features", "conse")}
    return Examples(**(columns | wide))


def held_out(examples: Examples, coco_keys: Sequence[str], facade_keys: Sequence[str]) -> NDArray[np.bool_]:
    """Whether each example is of a photograph kept for evaluation: the last of both packs."""
    coco = np.char.startswith(examples.source, "coco_") & (examples.source != "coco_person")
    late_coco = np.isin(examples.photo, list(coco_keys)[-HELD_OUT_COCO:])
    facades = examples.source == "labelmefacade"
    late_facade = np.isin(examples.photo, list(facade_keys)[-HELD_OUT_FACADES:])
    late: NDArray[np.bool_] = (coco & late_coco) | (facades & late_facade)
    return late
