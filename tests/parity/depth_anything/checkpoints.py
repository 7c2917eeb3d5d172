"""Checkpoints of Depth Anything V2 in the published file format, with non-trivial random weights.

Names and shapes are listed here apart from the network under test, and brought to transformers' names
as its conversion script does.
"""

from collections import OrderedDict
from pathlib import Path

import torch
from torch import Tensor

WIDTH, BLOCKS, FEATURES, CHANNELS = 384, 12, 64, (48, 96, 192, 384)
"""Sizes of the small network, `vits`."""

Shapes = dict[str, tuple[int, ...]]

RENAMED = {
    "pretrained.cls_token": "backbone.embeddings.cls_token",
    "pretrained.mask_token": "backbone.embeddings.mask_token",
    "pretrained.pos_embed": "backbone.embeddings.position_embeddings",
    "pretrained.patch_embed.proj": "backbone.embeddings.patch_embeddings.projection",
    "pretrained.norm": "backbone.layernorm",
    "pretrained.blocks": "backbone.encoder.layer",
    "attn.proj": "attention.o_proj",
    "ls1.gamma": "layer_scale1.lambda1",
    "ls2.gamma": "layer_scale2.lambda1",
    "depth_head.scratch.output_conv1": "head.conv1",
    "depth_head.scratch.output_conv2.0": "head.conv2",
    "depth_head.scratch.output_conv2.2": "head.conv3",
    "out_conv": "projection",
    "resConfUnit1.conv": "residual_layer1.convolution",
    "resConfUnit2.conv": "residual_layer2.convolution",
    **{f"depth_head.projects.{n}": f"neck.reassemble_stage.layers.{n}.projection" for n in range(4)},
    **{f"depth_head.resize_layers.{n}": f"neck.reassemble_stage.layers.{n}.resize" for n in range(4)},
    **{f"depth_head.scratch.layer{n}_rn": f"neck.convs.{n - 1}" for n in range(1, 5)},
    **{f"depth_head.scratch.refinenet{n}": f"neck.fusion_stage.layers.{4 - n}" for n in range(1, 5)},
}
"""Parts of tensor names: published, and transformers'."""


def published_shapes() -> Shapes:
    """Return the shape of every tensor of depth_anything_v2_vits.pth."""
    shapes: Shapes = {
        "pretrained.cls_token": (1, 1, WIDTH),
        "pretrained.pos_embed": (1, 1 + 37 * 37, WIDTH),
        "pretrained.mask_token": (1, WIDTH),
        **_with_bias("pretrained.patch_embed.proj", WIDTH, 3, 14, 14),
    }
    for index in range(BLOCKS):
        shapes |= _block(f"pretrained.blocks.{index}")
    return shapes | _with_bias("pretrained.norm", WIDTH) | _head("depth_head")


def _block(name: str) -> Shapes:
    return {
        **_with_bias(f"{name}.norm1", WIDTH),
        **_with_bias(f"{name}.attn.qkv", 3 * WIDTH, WIDTH),
        **_with_bias(f"{name}.attn.proj", WIDTH, WIDTH),
        f"{name}.ls1.gamma": (WIDTH,),
        **_with_bias(f"{name}.norm2", WIDTH),
        **_with_bias(f"{name}.mlp.fc1", 4 * WIDTH, WIDTH),
        **_with_bias(f"{name}.mlp.fc2", WIDTH, 4 * WIDTH),
        f"{name}.ls2.gamma": (WIDTH,),
    }


def _head(name: str) -> Shapes:
    first, second, _, last = CHANNELS
    shapes = {
        **_with_bias(f"{name}.resize_layers.0", first, first, 4, 4),
        **_with_bias(f"{name}.resize_layers.1", second, second, 2, 2),
        **_with_bias(f"{name}.resize_layers.3", last, last, 3, 3),
        **_with_bias(f"{name}.scratch.output_conv1", FEATURES // 2, FEATURES, 3, 3),
        **_with_bias(f"{name}.scratch.output_conv2.0", 32, FEATURES // 2, 3, 3),
        **_with_bias(f"{name}.scratch.output_conv2.2", 1, 32, 1, 1),
    }
    for index, count in enumerate(CHANNELS):
        refine = f"{name}.scratch.refinenet{index + 1}"
        shapes |= _with_bias(f"{name}.projects.{index}", count, WIDTH, 1, 1)
        shapes[f"{name}.scratch.layer{index + 1}_rn.weight"] = (FEATURES, count, 3, 3)
        shapes |= _with_bias(f"{refine}.out_conv", FEATURES, FEATURES, 1, 1)
        for unit in ("resConfUnit1", "resConfUnit2"):
            for conv in ("conv1", "conv2"):
                shapes |= _with_bias(f"{refine}.{unit}.{conv}", FEATURES, FEATURES, 3, 3)
    return shapes


def _with_bias(name: str, *shape: int) -> Shapes:
    return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}


def random_weights() -> dict[str, Tensor]:
    """Return seeded weights of the published names and shapes, whose outputs are mostly positive."""
    source = torch.Generator().manual_seed(0)
    weights = OrderedDict(
        (name, _random(name, shape, source)) for name, shape in sorted(published_shapes().items())
    )
    weights["depth_head.scratch.output_conv2.2.bias"] += 2.0
    return weights


def _random(name: str, shape: tuple[int, ...], source: torch.Generator) -> Tensor:
    """Return matrices that keep the scale of their inputs; norms and scales about 1, the rest about 0."""
    noise = torch.randn(shape, generator=source)
    if len(shape) in (2, 4) and name.endswith("weight"):
        return noise / noise[0].numel() ** 0.5
    about_one = ("norm" in name and name.endswith("weight")) or name.endswith("gamma")
    return 0.1 * noise + float(about_one)


def write_checkpoint(path: Path) -> None:
    """Save a state dict of seeded random weights in the published format."""
    torch.save(random_weights(), path)


def as_transformers(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the same weights under the names of DepthAnythingForDepthEstimation."""
    renamed: dict[str, Tensor] = {}
    for name, tensor in weights.items():
        for ours, theirs in RENAMED.items():
            name = name.replace(ours, theirs)
        if ".attn.qkv." not in name:
            renamed[name] = tensor
            continue
        for part, rows in zip(("q_proj", "k_proj", "v_proj"), tensor.chunk(3), strict=True):
            renamed[name.replace("attn.qkv", f"attention.{part}")] = rows
    return renamed
