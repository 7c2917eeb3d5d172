"""Weight files are proved before they are used."""

import hashlib
from pathlib import Path

import pytest

from domain.errors import ModelUnavailable
from domain.types import WeightFile
from models.store import WeightStore


def _file(data: bytes) -> WeightFile:
    return WeightFile("net", "a.onnx", len(data), hashlib.sha256(data).hexdigest(), "MIT", "made by the test")


def test_a_right_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"weights")
    assert WeightStore(tmp_path).ensure(_file(b"weights")) == tmp_path / "a.onnx"


def test_a_missing_or_damaged_file_is_named(tmp_path: Path) -> None:
    store = WeightStore(tmp_path)
    with pytest.raises(ModelUnavailable, match=r"a\.onnx is missing"):
        store.ensure(_file(b"weights"))
    (tmp_path / "a.onnx").write_bytes(b"other")
    with pytest.raises(ModelUnavailable, match="damaged: expected sha256"):
        store.ensure(_file(b"weights"))
