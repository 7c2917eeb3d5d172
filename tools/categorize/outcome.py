"""What came of sorting a folder."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from domain.labels import UNKNOWN, Naming
from domain.models import ModelInfo
from tools.categorize.folder_types import PhotoFile, Problem


@dataclass(frozen=True)
class Sorted:
    """One photograph.

    Attributes:
        file: Which.
        naming: What it is.
        target: Where it was put, from the folder of the categories on; None in a dry run.
    """

    file: PhotoFile
    naming: Naming
    target: str | None = None


@dataclass(frozen=True)
class Outcome:
    """All photographs of a folder.

    Attributes:
        categories: All names in the order they were given in, `unknown` last.
        photographs: Those that were sorted, by path.
        problems: What could not be sorted, by path.
        ignored: How many files are no photographs by their suffix, or hidden.
        linked_folders: How many symbolic links to folders were not followed.
        labeller: Which model looked.
    """

    categories: tuple[str, ...]
    photographs: tuple[Sorted, ...]
    problems: tuple[Problem, ...]
    ignored: int
    linked_folders: int
    labeller: ModelInfo

    @property
    def counts(self) -> dict[str, int]:
        """How many photographs each category has, those without any included."""
        found = Counter(photograph.naming.chosen.label for photograph in self.photographs)
        return {category: found[category] for category in self.categories}

    def of(self, category: str) -> Sequence[Sorted]:
        """The photographs of a category, the surest first."""
        mine = [found for found in self.photographs if found.naming.chosen.label == category]
        return sorted(mine, key=lambda found: -found.naming.chosen.confidence)


def categories(names: Sequence[str]) -> tuple[str, ...]:
    """All categories: the names, and what fits none of them."""
    return (*(name for name in names if name != UNKNOWN), UNKNOWN)


def thumbnail_key(file: PhotoFile) -> str:
    """Names the small picture of a file among all others."""
    return hashlib.sha256(repr(file).encode()).hexdigest()[:24]
