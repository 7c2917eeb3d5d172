"""Finds weight files on disk and proves that they are what the manifest says."""

import hashlib
from pathlib import Path

from domain.errors import ModelUnavailable
from domain.types import WeightFile

RESTORE = "bring it back with `git checkout -- models/weights` and start again"


class WeightStore:
    """The weight files of a directory.

    Args:
        directory: Where they lie.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def path(self, file: WeightFile) -> Path:
        """Where the file is, or would be."""
        return self._directory / file.name

    def ensure(self, file: WeightFile) -> Path:
        """The path of a file that is present and has the right hash.

        Raises:
            ModelUnavailable: It is missing or differs from the manifest.
        """
        path = self.path(file)
        if not path.is_file():
            raise ModelUnavailable(
                f"weight file {file.name} is missing from {self._directory}; {RESTORE}", {"file": file.name}
            )
        if (got := sha256_of(path)) != file.sha256:
            raise ModelUnavailable(
                f"weight file {file.name} is damaged: expected sha256 {file.sha256}, got {got}; {RESTORE}",
                {"file": file.name, "expected": file.sha256, "got": got},
            )
        return path


def sha256_of(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
