"""What one sorting of a folder shall do."""

from dataclasses import dataclass
from pathlib import Path

from services.labels.confidence import NamingOptions
from tools.categorize.folder_types import Deed


@dataclass(frozen=True)
class Order:
    """One sorting.

    Attributes:
        folder: Where the photographs are; absolute.
        out: Where the categories go; absolute.
        reports: Where the reports go; absolute.
        naming: The names, how many are told for each photograph, and the least confidence.
        recursive: Whether folders inside the folder count.
        deed: What is done with a photograph; None: nothing, a dry run.
    """

    folder: Path
    out: Path
    reports: Path
    naming: NamingOptions
    recursive: bool = True
    deed: Deed | None = None
