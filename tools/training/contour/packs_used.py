"""Which photographs of which packs teach the segmenter, and which ones judge it."""

from dataclasses import dataclass
from pathlib import Path

from tools.training.packs import Pack


@dataclass(frozen=True)
class Source:
    """Some photographs of a pack.

    Attributes:
        pack: Its name.
        first: First photograph.
        last: One past the last.
        weight: How often one is drawn, or what its rows count.
    """

    pack: str
    first: int
    last: int
    weight: float = 1.0

    def opened(self, folder: Path) -> tuple[Pack, list[str]]:
        """The pack and the keys of the photographs.

        Raises:
            FileNotFoundError: The folder has no such pack.
        """
        pack = Pack(folder / f"{self.pack}.zip")
        return pack, list(pack.index)[self.first : self.last]


REGIONS = Source("bsds_trainval", 0, 250)
"""Segmented by several people; for the network."""

OBJECTS = (
    Source("coco_train", 0, 200, 0.35),
    Source("voc2012_aug", 0, 1700, 0.45),
    Source("coco_person", 0, 300, 0.1),
    Source("ecssd", 0, 400, 0.1),
)
"""With annotated objects; for the network."""

RANKED = (
    Source("bsds_trainval", 250, 300, 0.3),
    Source("coco_person", 300, 468, 0.7),
    Source("coco_train", 0, 200, 0.5),
    Source("coco_train", 200, 300, 1.0),
    Source("ecssd", 400, 520, 0.3),
    Source("labelmefacade", 0, 60, 0.3),
    Source("voc2012_aug", 1700, 2100, 0.5),
)
"""For the rankers; mostly unseen by the network: of what it has seen it is surer than it will be in use."""

HELD_OUT = Source("coco_train", 300, 394)
"""Nothing is trained on them."""
