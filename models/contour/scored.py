"""The tree with what its nodes are judged by, and the way it is kept in an embedding."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from numpy.typing import NDArray

from domain.arrays import Floats
from models.contour.tree import Tree


@dataclass(frozen=True)
class ScoredTree:
    """What prompts are answered from.

    Attributes:
        tree: The hierarchy.
        features: float32 [N, F], of every node; the names of the columns are in `features.py`.
        descriptors: float32 [leaves, C], groups of classes and a vector of every leaf.
    """

    tree: Tree
    features: Floats
    descriptors: Floats

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything as arrays by name."""
        named = {field.name: getattr(self.tree, field.name) for field in fields(Tree)}
        return {**named, "features": self.features, "descriptors": self.descriptors}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> "ScoredTree":
        """The inverse of `arrays`."""
        tree = Tree(**{field.name: arrays[field.name] for field in fields(Tree)})
        return cls(tree, arrays["features"], arrays["descriptors"])
