"""Tests that Depth Anything V2 behind our port equals transformers' implementation, in both runtimes."""

import math
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from skimage import data
from torch import Tensor
from torch.nn.functional import interpolate
from transformers import DepthAnythingForDepthEstimation

from domain.arrays import Floats, Rgb
from domain.models import ModelInfo
from models.depth_anything import torch as depth_anything_torch
from models.depth_anything import torch_backbone
from models.depth_anything.estimator import DepthAnythingEstimator, DepthAnythingNetwork
from models.depth_anything.torch import build_depth_anything
from tests.parity.depth_anything.checkpoints import published_shapes, random_weights

TOLERANCE = {"torch": 1e-4, "onnx": 1e-3}
"""Tolerance as a share of the largest value."""

PUBLISHED_BYTES = 99_218_434
SQUARE, WIDE, TALL = (518, 518), (154, 308), (364, 98)


def noise(height: int, width: int) -> Floats:
    """Return pixels for the network."""
    return np.random.default_rng(0).normal(size=(1, 3, height, width)).astype(np.float32)


@torch.no_grad()
def answer(reference: DepthAnythingForDepthEstimation, pixels: Floats) -> Floats:
    """Return the output of transformers' network, [h, w]."""
    depth: Floats = reference(torch.from_numpy(pixels)).predicted_depth[0].numpy()
    return depth


def near(ours: Floats, theirs: Floats, tolerance: float) -> None:
    """Assert that the maps are equal but for rounding, and not trivial."""
    assert theirs.std() > 0.1
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * float(theirs.max()))


@pytest.fixture
def original(
    reference: DepthAnythingForDepthEstimation, monkeypatch: pytest.MonkeyPatch
) -> DepthAnythingForDepthEstimation:
    """Return the same network with the position embedding resampled as in the original publication."""
    embeddings = reference.backbone.embeddings
    monkeypatch.setattr(
        embeddings, "interpolate_pos_encoding", partial(_placed, embeddings.position_embeddings)
    )
    return reference


def _placed(table: Tensor, _tokens: Tensor, height: int, width: int) -> Tensor:
    grid = _interpolated(table[0, 1:].unflatten(0, (37, 37)), height // 14, width // 14)
    return torch.cat([table[:, :1], grid.flatten(0, 1)[None]], 1)


def _interpolated(table: Tensor, rows: int, columns: int) -> Tensor:
    """Resample [37, 37, D] to [rows, columns, D] by the call of the original code, with its offset of 0.1."""
    if rows == columns == 37:
        return table
    scale = (rows + 0.1) / 37, (columns + 0.1) / 37
    planes = interpolate(table.permute(2, 0, 1)[None], scale_factor=scale, mode="bicubic")
    return planes[0].permute(1, 2, 0)


def test_the_size_of_training_as_transformers_has_it(
    networks: dict[str, DepthAnythingNetwork], reference: DepthAnythingForDepthEstimation
) -> None:
    pixels = noise(*SQUARE)
    theirs = answer(reference, pixels)
    for runtime, ours in networks.items():
        near(ours.inverse_depth(pixels), theirs, TOLERANCE[runtime])


@pytest.mark.parametrize("size", [WIDE, TALL], ids=["wide", "tall"])
def test_other_sizes_as_transformers_with_the_original_positions(
    networks: dict[str, DepthAnythingNetwork],
    original: DepthAnythingForDepthEstimation,
    size: tuple[int, int],
) -> None:
    pixels = noise(*size)
    theirs = answer(original, pixels)
    for runtime, ours in networks.items():
        near(ours.inverse_depth(pixels), theirs, TOLERANCE[runtime])


def test_the_offset_is_all_that_transformers_does_otherwise(
    networks: dict[str, DepthAnythingNetwork],
    reference: DepthAnythingForDepthEstimation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pixels = noise(*WIDE)
    theirs = answer(reference, pixels)
    with pytest.raises(AssertionError, match="Not equal"):
        near(networks["torch"].inverse_depth(pixels), theirs, TOLERANCE["torch"])
    monkeypatch.setattr(torch_backbone, "INTERPOLATE_OFFSET", 0.0)
    near(networks["torch"].inverse_depth(pixels), theirs, TOLERANCE["torch"])


@pytest.mark.parametrize(
    "size", [(37, 37), (37, 49), (49, 37), (37, 74), (1, 1), (2, 74), (20, 33), (38, 36)]
)
def test_positions_are_those_of_the_original_code(size: tuple[int, int]) -> None:
    table = torch.randn(37, 37, 5, generator=torch.Generator().manual_seed(0))
    found = torch_backbone.resample_positions(table, *size)
    torch.testing.assert_close(found, _interpolated(table, *size), rtol=0, atol=1e-4)
    if size == (37, 37):
        assert torch.equal(found, table)


def test_a_photograph_goes_the_way_of_the_original_code(
    networks: dict[str, DepthAnythingNetwork], original: DepthAnythingForDepthEstimation
) -> None:
    coffee = np.ascontiguousarray(data.coffee())
    depth = torch.from_numpy(answer(original, _transformed(coffee, 518, 784)))
    theirs = interpolate(depth[None, None], coffee.shape[:2], mode="bilinear", align_corners=True)[0, 0]
    for runtime, ours in networks.items():
        found = DepthAnythingEstimator(ModelInfo("depth", "0" * 64), ours).estimate(coffee)
        near(found.values, theirs.numpy(), TOLERANCE[runtime])


def _transformed(rgb: Rgb, height: int, width: int) -> Floats:
    """Return the result of the original transform in double precision."""
    resized = cv2.resize(rgb / 255.0, (width, height), interpolation=cv2.INTER_CUBIC)
    scaled = (resized - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], np.float32)


def test_the_checkpoint_is_as_large_as_the_published_one(checkpoint: Path) -> None:
    content = 4 * sum(math.prod(shape) for shape in published_shapes().values())
    assert content < PUBLISHED_BYTES < 1.005 * content
    assert checkpoint.stat().st_size == pytest.approx(PUBLISHED_BYTES, rel=0.005)


@pytest.mark.parametrize("harm", ["missing", "unknown", "other shape", "no tensors"])
def test_another_checkpoint_is_refused(tmp_path: Path, harm: str) -> None:
    weights: dict[str, object] = dict(random_weights())
    if harm == "missing":
        del weights["pretrained.norm.bias"]
    if harm == "unknown":
        weights["pretrained.register_tokens"] = torch.zeros(1, 4, 384)
    if harm == "other shape":
        weights["pretrained.pos_embed"] = torch.zeros(1, 257, 384)
    path = tmp_path / "other.pth"
    torch.save({"model": weights} if harm == "no tensors" else weights, path)
    no_tensors = "expected a dictionary of tensors by name"
    problem = no_tensors if harm == "no tensors" else "1 tensors are missing, not known"
    with pytest.raises(ValueError, match=problem):
        build_depth_anything("vits", path, torch.device("cpu"))


def test_another_architecture_is_refused(checkpoint: Path) -> None:
    with pytest.raises(ValueError, match=r"expected an architecture of \['vits'\], got 'vitx'"):
        build_depth_anything("vitx", checkpoint, torch.device("cpu"))


def test_bfloat16_as_on_a_gpu_changes_little(
    networks: dict[str, DepthAnythingNetwork], monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = noise(*WIDE)
    exact = networks["torch"].inverse_depth(pixels)
    monkeypatch.setattr(
        depth_anything_torch, "autocast", lambda device: torch.autocast(device.type, torch.bfloat16)
    )
    rounded = networks["torch"].inverse_depth(pixels)
    assert np.corrcoef(rounded.ravel(), exact.ravel())[0, 1] > 0.999
