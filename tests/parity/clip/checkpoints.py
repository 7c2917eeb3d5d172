"""CLIP checkpoints in OpenAI's file format, with random weights that leave nothing trivial."""

from pathlib import Path

import numpy as np
import open_clip
import torch

from models.clip.torch_weights import build_open_clip


def write_archive(architecture: str, path: Path) -> None:
    """Save a TorchScript archive as OpenAI does: half-precision weights, three integers among them."""
    torch.manual_seed(0)
    model = build_open_clip(architecture, "openai")
    with torch.no_grad():
        # Untrained towers say nearly the same of every image and region; these see more of them.
        model.visual.conv1.weight.mul_(10)
        if hasattr(model.visual, "transformer"):
            model.visual.transformer.resblocks[-1].attn.out_proj.weight.mul_(30)
        model.logit_scale.fill_(np.log(100))
    open_clip.model.convert_weights_to_fp16(model)
    _as_openai(model).save(str(path))


class _Archive(torch.nn.Module):
    """Holds weights under OpenAI's names; what it computes does not matter."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.logit_scale


def _as_openai(model: torch.nn.Module) -> torch.jit.ScriptModule:
    root = _Archive()
    for name, child in model.named_children():
        root.add_module(name, child)
    for name, parameter in model.named_parameters(recurse=False):
        root.register_parameter(name, parameter)
    for name, value in (("input_resolution", 224), ("context_length", 77), ("vocab_size", 49408)):
        root.register_buffer(name, torch.tensor(value))
    return torch.jit.trace(root.requires_grad_(False), torch.ones(1), check_trace=False)
