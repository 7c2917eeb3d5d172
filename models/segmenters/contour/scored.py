"""The tree with a score for every node, and the way it is kept in an embedding."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from numpy.typing import NDArray

from domain.types import Floats
from models.segmenters.contour.tree import Tree


@dataclass(frozen=True)
class ScoredTree:
    """What prompts are answered from.

    Attributes:
        tree: The hierarchy.
        quality: float32 [N], predicted IoU of each node with the nearest object, 0..1.
        stability: float32 [N], IoU of each node with itself under a raised threshold, 0..1.
    """

    tree: Tree
    quality: Floats
    stability: Floats

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything as arrays by name."""
        named = {field.name: getattr(self.tree, field.name) for field in fields(Tree)}
        return {**named, "quality": self.quality, "stability": self.stability}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> "ScoredTree":
        """The inverse of `arrays`."""
        tree = Tree(**{field.name: arrays[field.name] for field in fields(Tree)})
        return cls(tree, arrays["quality"], arrays["stability"])
