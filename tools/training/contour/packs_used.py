"""Divides the images of the packs into those that the segmenter is trained on and those that evaluate it."""

from dataclasses import dataclass, replace
from pathlib import Path

from tools.training.packs import Pack


@dataclass(frozen=True)
class Source:
    """A range of the images of a pack.

    Attributes:
        pack: Name of the pack.
        first: Index of the first image.
        last: Index after the last image.
        weight: Relative frequency with which an image is drawn, or the weight of its rows.
    """

    pack: str
    first: int
    last: int
    weight: float = 1.0

    def limited(self, count: int) -> "Source":
        """Return the source with its first `count` images at most."""
        return replace(self, last=min(self.last, self.first + count))

    def opened(self, folder: Path) -> tuple[Pack, list[str]]:
        """Return the pack and the keys of the images.

        Raises:
            FileNotFoundError: The folder has no such pack.
        """
        pack = Pack(folder / f"{self.pack}.zip")
        return pack, list(pack.index)[self.first : self.last]


REGIONS = Source("bsds_trainval", 0, 250)
"""Images that several people segmented, for the network."""

OBJECTS = (
    Source("coco_train", 0, 200, 0.35),
    Source("voc2012_aug", 0, 1700, 0.45),
    Source("coco_person", 0, 300, 0.1),
    Source("ecssd", 0, 400, 0.1),
)
"""Images with annotated objects, for the network."""

RANKED = (
    Source("bsds_trainval", 250, 300, 0.3),
    Source("coco_person", 300, 468, 0.7),
    Source("coco_train", 0, 200, 0.5),
    Source("coco_train", 200, 300, 1.0),
    Source("ecssd", 400, 520, 0.3),
    Source("labelmefacade", 0, 60, 0.3),
    Source("voc2012_aug", 1700, 2100, 0.5),
)
"""Images for the rankers.

The network was not trained on most of them, because it is more certain of its training images than of others.
"""

HELD_OUT = Source("coco_train", 300, 394)
"""Images that nothing is trained on."""
