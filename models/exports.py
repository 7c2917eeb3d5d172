"""ONNX exports: graphs made from pulled checkpoints, stored beside them with their own hashes."""

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from domain.errors import ModelUnavailable
from domain.models import ModelSpec
from models.store.verify import file_sha256

EXPORT_FORMAT_VERSION = 2
"""Version that is raised whenever the exporters write other graphs; older exports are then ignored."""

EXPORT_RECORD_FILE = "export.json"


@dataclass(frozen=True)
class OnnxExport:
    """ONNX graphs of one model.

    Attributes:
        spec: Specification of the model.
        directory: Directory of its files.
        hashes: sha256 of each file by name.
    """

    spec: ModelSpec
    directory: Path
    hashes: dict[str, str]

    def verified(self) -> Path:
        """Return the directory after a check of the hashes of its files.

        Raises:
            ModelUnavailable: A file is missing or damaged.
        """
        for name, sha256 in self.hashes.items():
            path = self.directory / name
            if not path.is_file() or file_sha256(path) != sha256:
                raise ModelUnavailable(
                    f"{name} of the export of {self.spec.name} is missing or damaged; export it again with "
                    f"`{export_command(self.spec)}`",
                    {"file": name},
                )
        return self.directory


class OnnxExportStore:
    """Exports in the directory of checkpoints.

    Args:
        directory: Directory of the checkpoints.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def find(self, spec: ModelSpec) -> OnnxExport | None:
        """Return the export of exactly this checkpoint by this version of the exporters, or None."""
        directory = self._path(spec)
        try:
            record = json.loads((directory / EXPORT_RECORD_FILE).read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        same = record.get("format") == EXPORT_FORMAT_VERSION and record.get("checkpoint") == spec.info.sha256
        return OnnxExport(spec, directory, record["files"]) if same else None

    def write(self, spec: ModelSpec, write: Callable[[Path], None]) -> OnnxExport:
        """Make an export: `write` writes its files into the directory that it is given.

        The export appears complete or not at all, and replaces an earlier one.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._directory, prefix=".export-") as name:
            made = Path(name) / "made"
            made.mkdir()
            write(made)
            hashes = {path.name: file_sha256(path) for path in sorted(made.iterdir())}
            record = {"format": EXPORT_FORMAT_VERSION, "checkpoint": spec.info.sha256, "files": hashes}
            (made / EXPORT_RECORD_FILE).write_text(json.dumps(record, indent=1), encoding="utf-8")
            shutil.rmtree(self._path(spec), ignore_errors=True)
            made.replace(self._path(spec))
        return OnnxExport(spec, self._path(spec), hashes)

    def _path(self, spec: ModelSpec) -> Path:
        return self._directory / f"{spec.name}.onnx"


def export_command(spec: ModelSpec) -> str:
    """Return the command line that exports a model."""
    return f"python cli.py models export {spec.name}"
