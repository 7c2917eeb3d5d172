"""Full-size networks with seeded random weights, in the files that are published, once for the session."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import open_clip
import pytest
import torch
from skimage import data

from domain.arrays import Rgb
from domain.models import ModelInfo
from models.clip.encoder import RegionClipEncoder
from models.clip.export import export_clip
from models.clip.onnx import load_onnx_clip
from models.clip.torch import load_torch_clip
from tests.parity.clip.checkpoints import write_archive

INFO = ModelInfo("clip-vit-b-32", "c" * 64)
ARCHITECTURES = (
    "ViT-B-32",
    *(pytest.param(name, marks=pytest.mark.all_sizes) for name in ("ViT-B-16", "ViT-L-14", "ViT-L-14-336")),
)


@pytest.fixture(scope="session", params=ARCHITECTURES)
def architecture(request: pytest.FixtureRequest) -> str:
    """open_clip's name of the CLIP under test."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def clip_files() -> Iterator[Path]:
    """A directory for the session; hundreds of megabytes that go away with it."""
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory)


@pytest.fixture(scope="session")
def archive(clip_files: Path, architecture: str) -> Path:
    """A TorchScript archive as OpenAI publishes them: half-precision weights, three integers among them."""
    path = clip_files / f"{architecture}.pt"
    write_archive(architecture, path)
    return path


@pytest.fixture(scope="session")
def reference(archive: Path) -> torch.nn.Module:
    """What open_clip makes of the archive."""
    return open_clip.load_openai_model(str(archive), precision="fp32", device="cpu").eval()


@pytest.fixture(scope="session")
def torch_clip(archive: Path, architecture: str) -> RegionClipEncoder:
    """The encoder over torch."""
    return _with_regions(load_torch_clip(INFO, archive, architecture, "openai", "cpu"))


@pytest.fixture(scope="session")
def exported(archive: Path, clip_files: Path, architecture: str) -> Path:
    """The directory that an export makes."""
    directory = clip_files / f"{architecture}.onnx"
    directory.mkdir()
    export_clip(archive, architecture, "openai", directory)
    return directory


@pytest.fixture(scope="session")
def onnx_clip(exported: Path) -> RegionClipEncoder:
    """The encoder over exported graphs."""
    return _with_regions(load_onnx_clip(INFO, exported, 1))


def _with_regions(encoder: object) -> RegionClipEncoder:
    assert isinstance(encoder, RegionClipEncoder)
    return encoder


@dataclass(frozen=True)
class Candidate:
    """An encoder under test and how near it has to come."""

    encoder: RegionClipEncoder
    tolerance: float


@pytest.fixture(scope="session", params=["torch", "onnx"])
def candidate(request: pytest.FixtureRequest, architecture: str) -> Candidate:  # noqa: ARG001 - getfixturevalue reads it
    """The encoder of `architecture` over either runtime."""
    runtime: str = request.param
    tolerance = {"torch": 1e-4, "onnx": 1e-3}[runtime]
    return Candidate(request.getfixturevalue(f"{runtime}_clip"), tolerance)


@pytest.fixture(scope="session")
def photographs() -> list[Rgb]:
    """Photographs of several sizes and aspects."""
    return [data.chelsea(), data.astronaut(), data.coffee()[:, 100:260], data.rocket()[100:150]]
