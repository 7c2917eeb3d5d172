"""Reads the annotated objects of a pack."""

from collections.abc import Iterator

from domain.arrays import Mask
from tools.training.packs import Pack


def objects(pack: Pack, key: str, least: float) -> Iterator[tuple[Mask, str]]:
    """Yield mask bool [H, W] and class name of the objects of an image with at least `least` pixels."""
    labels = pack.labels(key)
    for number, name in pack.index[key]["regions"].items():
        mask = labels == int(number)
        if mask.sum() >= least:
            yield mask, name


def large_objects(pack: Pack, key: str, share: float) -> list[tuple[Mask, str]]:
    """Return mask and class name of the objects that cover at least that share of the image."""
    return list(objects(pack, key, share * pack.labels(key).size))
