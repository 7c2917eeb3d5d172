"""ONNX graphs made from pulled checkpoints: written once, kept beside them, proved by their own hashes."""

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from domain.errors import ModelUnavailable
from domain.models import ModelSpec
from models.store.weights import file_sha256

EXPORT_FORMAT_VERSION = 1
"""Counts up whenever the exporters write other graphs: older exports are then made anew."""

EXPORT_RECORD_FILE = "export.json"


@dataclass(frozen=True)
class OnnxExport:
    """The graphs of one model.

    Attributes:
        spec: The model.
        directory: Where its files are.
        hashes: Of each file, by name.
    """

    spec: ModelSpec
    directory: Path
    hashes: dict[str, str]

    def verified(self) -> Path:
        """The directory, its files proved to be what was written.

        Raises:
            ModelUnavailable: One is missing or damaged.
        """
        for name, sha256 in self.hashes.items():
            path = self.directory / name
            if not path.is_file() or file_sha256(path) != sha256:
                raise ModelUnavailable(
                    f"{name} of the export of {self.spec.name} is missing or damaged; make it anew: "
                    f"{export_command(self.spec)}",
                    {"file": name},
                )
        return self.directory


class OnnxExportStore:
    """The exports of a directory.

    Args:
        directory: Where checkpoints are kept.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def find(self, spec: ModelSpec) -> OnnxExport | None:
        """The export of exactly this checkpoint by this version, if there is one."""
        directory = self._path(spec)
        try:
            record = json.loads((directory / EXPORT_RECORD_FILE).read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        same = record.get("format") == EXPORT_FORMAT_VERSION and record.get("checkpoint") == spec.info.sha256
        return OnnxExport(spec, directory, record["files"]) if same else None

    def write(self, spec: ModelSpec, write: Callable[[Path], None]) -> OnnxExport:
        """Make an export: `write` puts its files into the directory it is given.

        It is at its place complete, or not at all; one that was there goes.
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
    """What a user types to export a model."""
    return f"python cli.py models export {spec.name}"
