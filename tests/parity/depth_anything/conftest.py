"""Depth Anything V2 small at full size with random weights: ours, in both runtimes, and transformers'."""

from pathlib import Path

import pytest
import torch
from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

from models.depth_anything.estimator import DepthAnythingNetwork, OnnxDepthAnything
from models.depth_anything.export import export_depth_anything
from models.depth_anything.torch import TorchDepthAnything, build_depth_anything
from tests.parity.depth_anything.checkpoints import as_transformers, random_weights, write_checkpoint


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as it is published."""
    path = tmp_path_factory.mktemp("depth-anything") / "depth_anything_v2_vits.pth"
    write_checkpoint(path)
    return path


@pytest.fixture(scope="session")
def networks(checkpoint: Path) -> dict[str, DepthAnythingNetwork]:
    """Ours of that file, by runtime."""
    export_depth_anything(build_depth_anything("vits", checkpoint, torch.device("cpu")), checkpoint.parent)
    return {
        "torch": TorchDepthAnything.load("vits", checkpoint, torch.device("cpu"), torch.get_num_threads()),
        "onnx": OnnxDepthAnything(checkpoint.parent, 2),
    }


@pytest.fixture(scope="session")
def reference() -> DepthAnythingForDepthEstimation:
    """The same weights in the implementation of transformers."""
    backbone = Dinov2Config(
        hidden_size=384,
        num_hidden_layers=12,
        num_attention_heads=6,
        patch_size=14,
        image_size=518,
        out_features=["stage3", "stage6", "stage9", "stage12"],
        reshape_hidden_states=False,
        apply_layernorm=True,
    )
    model = DepthAnythingForDepthEstimation(DepthAnythingConfig(backbone_config=backbone))
    model.load_state_dict(as_transformers(random_weights()))
    return model.eval()
