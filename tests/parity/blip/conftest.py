"""BLIP with random weights: its files, ours of them, and transformers'."""

from pathlib import Path

import pytest
import torch
from transformers import BlipForConditionalGeneration

from domain.models import ModelInfo
from models.blip.captioner import BlipCaptioner, WordPieceDecoder
from models.blip.torch import TorchBlip
from tests.parity.blip.checkpoints import NAMES, write_files


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the files of the manifest."""
    directory = tmp_path_factory.mktemp("blip")
    write_files(directory)
    return directory


@pytest.fixture(scope="session")
def network(files: Path) -> TorchBlip:
    """Ours."""
    config, checkpoint = files / NAMES["config"], files / NAMES["checkpoint"]
    return TorchBlip.load(config, checkpoint, torch.device("cpu"), torch.get_num_threads())


@pytest.fixture(scope="session")
def captioner(files: Path, network: TorchBlip) -> BlipCaptioner:
    """The same behind the port."""
    return BlipCaptioner(
        ModelInfo("blip", "0" * 64), network, WordPieceDecoder.load(files / NAMES["vocabulary"])
    )


@pytest.fixture(scope="session")
def published(files: Path) -> Path:
    """The same files in the layout that transformers reads."""
    directory = files / "published"
    directory.mkdir()
    for role, name in (
        ("checkpoint", "pytorch_model.bin"),
        ("config", "config.json"),
        ("vocabulary", "vocab.txt"),
    ):
        (directory / name).symlink_to(files / NAMES[role])
    return directory


@pytest.fixture(scope="session")
def reference(published: Path) -> BlipForConditionalGeneration:
    """As transformers loads it."""
    model: BlipForConditionalGeneration = BlipForConditionalGeneration.from_pretrained(
        published, local_files_only=True
    )
    return model.eval()
