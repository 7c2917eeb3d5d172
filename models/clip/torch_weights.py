"""Reads OpenAI's CLIP files, which are TorchScript archives: the one place that runs `torch.jit.load`."""

import warnings
from pathlib import Path
from typing import Any

import open_clip
import torch
from open_clip.pretrained import get_pretrained_cfg

from models.clip.torch_xlm_roberta import XLM_ROBERTA_SIZES, build_multilingual, load_multilingual

NON_WEIGHT_KEYS = ("input_resolution", "context_length", "vocab_size")
"""Integers that OpenAI keeps among the weights."""


def read_openai_archive(path: Path) -> dict[str, torch.Tensor]:
    """The weights in an archive, by name, on the CPU.

    An archive holds code as well as weights, and `weights_only` does not exist for it: call this only with
    files whose hash was compared with the published one.

    Raises:
        RuntimeError: The file is no TorchScript archive.
    """
    with warnings.catch_warnings():
        # torch advises against writing such files; these are published and stay as they are.
        warnings.filterwarnings("ignore", "`torch.jit.load` is deprecated", FutureWarning)
        state: dict[str, torch.Tensor] = torch.jit.load(str(path), map_location="cpu").state_dict()
    return {name: tensor for name, tensor in state.items() if name not in NON_WEIGHT_KEYS}


OPENAI_TAG = "openai"
"""Tag of the checkpoints published by OpenAI, which come as TorchScript archives."""


def load_open_clip(path: Path, architecture: str, tag: str) -> torch.nn.Module:
    """The open_clip model in float32 on the CPU, ready for inference.

    Args:
        path: An OpenAI archive (tag "openai"), else a state dict as .pt, .bin or .safetensors.
        architecture: open_clip's name, e.g. "ViT-B-32".
        tag: open_clip's name of the training, e.g. "laion2b_s34b_b79k".

    Raises:
        ValueError: open_clip has no such architecture, or its text tower is none of those known.
        RuntimeError: The weights are those of another architecture.
    """
    config = _architecture_config(architecture)
    if size := XLM_ROBERTA_SIZES.get(config["text_cfg"].get("hf_model_name")):
        return load_multilingual(path, config, size).eval()
    model = build_open_clip(architecture, tag)
    if tag == OPENAI_TAG:
        model.load_state_dict(read_openai_archive(path))
    else:
        open_clip.load_checkpoint(model, str(path), strict=True, weights_only=True)
    return model.eval()


def build_open_clip(architecture: str, tag: str) -> torch.nn.Module:
    """The open_clip model with random weights.

    What `open_clip.create_model(architecture, pretrained=None)` builds, without its look-ups on the network
    and its warning that nothing was loaded yet.

    Raises:
        ValueError: open_clip has no such architecture, or its text tower is none of those known.
    """
    config = _architecture_config(architecture)
    if size := XLM_ROBERTA_SIZES.get(config["text_cfg"].get("hf_model_name")):
        return build_multilingual(config, size)
    custom = config.pop("custom_text", False)
    config["vision_cfg"]["timm_model_pretrained"] = False
    if tag == OPENAI_TAG or pretrained_config(architecture, tag).get("quick_gelu", False):
        config["quick_gelu"] = True
    model: torch.nn.Module = (open_clip.CustomTextCLIP if custom else open_clip.CLIP)(**config)
    return model


def _architecture_config(architecture: str) -> dict[str, Any]:
    """open_clip's description of an architecture that can be built offline and whose tokens are known."""
    config: dict[str, Any] | None = (
        open_clip.get_model_config(architecture) if architecture in open_clip.list_models() else None
    )
    if config is None:
        raise ValueError(f"expected an architecture of open_clip, e.g. ViT-B-32, got {architecture!r}")
    text = config["text_cfg"]
    foreign = {"hf_tokenizer_name", "hf_model_name", "tokenizer_kwargs"} & text.keys()
    if text.get("hf_model_name") in XLM_ROBERTA_SIZES:
        return config
    if foreign or "siglip" in architecture.lower() or "multimodal_cfg" in config:
        raise ValueError(
            f"{architecture} is no CLIP that reads CLIP's own tokens: expected one, e.g. ViT-B-32, "
            "or xlm-roberta-base-ViT-B-32"
        )
    return config


def pretrained_config(architecture: str, tag: str) -> dict[str, Any]:
    """What open_clip knows of a published training: mean, std, resize_mode, interpolation, quick_gelu."""
    config: dict[str, Any] = get_pretrained_cfg(architecture, tag)
    return config
