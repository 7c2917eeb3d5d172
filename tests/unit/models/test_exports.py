"""Exports are found when they are whole and of the same checkpoint, and never half there."""

from pathlib import Path

import pytest

from domain.errors import ModelUnavailable
from domain.models import ModelSpec, WeightFile
from models.exports import OnnxExportStore


def _spec(sha256: str = "a" * 64) -> ModelSpec:
    file = WeightFile("checkpoint", "net.pt", 3, sha256, "MIT", "made by the test", "http://127.0.0.1/net.pt")
    return ModelSpec("net", "sam2", (file,))


def _write(directory: Path) -> None:
    (directory / "image.onnx").write_bytes(b"graph")


def test_what_is_written_is_found(tmp_path: Path) -> None:
    assert OnnxExportStore(tmp_path).find(_spec()) is None
    OnnxExportStore(tmp_path).write(_spec(), _write)
    export = OnnxExportStore(tmp_path).find(_spec())
    assert export is not None
    assert (export.verified() / "image.onnx").read_bytes() == b"graph"
    assert [path.name for path in tmp_path.iterdir()] == ["net.onnx"]


def test_an_export_of_another_checkpoint_is_none(tmp_path: Path) -> None:
    OnnxExportStore(tmp_path).write(_spec(), _write)
    assert OnnxExportStore(tmp_path).find(_spec("b" * 64)) is None


def test_an_export_is_replaced(tmp_path: Path) -> None:
    OnnxExportStore(tmp_path).write(_spec("b" * 64), _write)
    OnnxExportStore(tmp_path).write(_spec(), _write)
    assert OnnxExportStore(tmp_path).find(_spec()) is not None


def test_a_failed_export_leaves_nothing(tmp_path: Path) -> None:
    def fail(directory: Path) -> None:
        _write(directory)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        OnnxExportStore(tmp_path).write(_spec(), fail)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("harm", ["change", "remove"])
def test_a_damaged_file_is_named_with_the_cure(tmp_path: Path, harm: str) -> None:
    export = OnnxExportStore(tmp_path).write(_spec(), _write)
    path = tmp_path / "net.onnx" / "image.onnx"
    if harm == "change":
        path.write_bytes(b"other")
    if harm == "remove":
        path.unlink()
    with pytest.raises(ModelUnavailable, match=r"python cli\.py models export net"):
        export.verified()


def test_a_broken_record_counts_as_no_export(tmp_path: Path) -> None:
    OnnxExportStore(tmp_path).write(_spec(), _write)
    (tmp_path / "net.onnx" / "export.json").write_text("{", encoding="utf-8")
    assert OnnxExportStore(tmp_path).find(_spec()) is None
