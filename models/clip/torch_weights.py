"""Builds open_clip models: the architecture by name, the weights from disk, nothing from the network."""

from pathlib import Path
from typing import Any

import open_clip
import torch
from open_clip.pretrained import get_pretrained_cfg

from models.clip.multilingual import SIZES, build_multilingual, load_multilingual
from models.clip.openai_archive import read_openai_archive

OPENAI = "openai"
"""Tag of the checkpoints published by OpenAI, which come as TorchScript archives."""


def load_model(path: Path, architecture: str, tag: str) -> torch.nn.Module:
    """The open_clip model in float32 on the CPU, ready for inference.

    Args:
        path: An OpenAI archive (tag "openai"), else a state dict as .pt, .bin or .safetensors.
        architecture: open_clip's name, e.g. "ViT-B-32".
        tag: open_clip's name of the training, e.g. "laion2b_s34b_b79k".

    Raises:
        ValueError: open_clip has no such architecture, or its text tower is none of those known.
        RuntimeError: The weights are those of another architecture.
    """
    config = _config(architecture)
    if size := SIZES.get(config["text_cfg"].get("hf_model_name")):
        return load_multilingual(path, config, size).eval()
    model = build_model(architecture, tag)
    if tag == OPENAI:
        model.load_state_dict(read_openai_archive(path))
    else:
        open_clip.load_checkpoint(model, str(path), strict=True, weights_only=True)
    return model.eval()


def build_model(architecture: str, tag: str) -> torch.nn.Module:
    """The open_clip model with random weights.

    What `open_clip.create_model(architecture, pretrained=None)` builds, without its look-ups on the network
    and its warning that nothing was loaded yet.

    Raises:
        ValueError: open_clip has no such architecture, or its text tower is none of those known.
    """
    config = _config(architecture)
    if size := SIZES.get(config["text_cfg"].get("hf_model_name")):
        return build_multilingual(config, size)
    custom = config.pop("custom_text", False)
    config["vision_cfg"]["timm_model_pretrained"] = False
    if tag == OPENAI or published(architecture, tag).get("quick_gelu", False):
        config["quick_gelu"] = True
    model: torch.nn.Module = (open_clip.CustomTextCLIP if custom else open_clip.CLIP)(**config)
    return model


def _config(architecture: str) -> dict[str, Any]:
    """open_clip's description of an architecture that can be built offline and whose tokens are known."""
    config: dict[str, Any] | None = (
        open_clip.get_model_config(architecture) if architecture in open_clip.list_models() else None
    )
    if config is None:
        raise ValueError(f"expected an architecture of open_clip, e.g. ViT-B-32, got {architecture!r}")
    text = config["text_cfg"]
    foreign = {"hf_tokenizer_name", "hf_model_name", "tokenizer_kwargs"} & text.keys()
    if text.get("hf_model_name") in SIZES:
        return config
    if foreign or "siglip" in architecture.lower() or "multimodal_cfg" in config:
        raise ValueError(
            f"{architecture} is no CLIP that reads CLIP's own tokens: expected one, e.g. ViT-B-32, "
            "or xlm-roberta-base-ViT-B-32"
        )
    return config


def published(architecture: str, tag: str) -> dict[str, Any]:
    """What open_clip knows of a published training: mean, std, resize_mode, interpolation, quick_gelu."""
    config: dict[str, Any] = get_pretrained_cfg(architecture, tag)
    return config
