"""BLIP files as they are published, with random weights that leave nothing trivial, and fewer layers.

The published network has 12 layers in each half; these have LAYERS of the same size, for what is ours is
everything but the layers, and the whole is a gigabyte.
"""

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import BlipConfig, BlipForConditionalGeneration

from config.settings import ROOT

LAYERS = 1
PUBLISHED_LAYERS = 12

NAMES = {
    "checkpoint": "blip-image-captioning-base.bin",
    "config": "blip-image-captioning-base.json",
    "vocabulary": "blip-image-captioning-base-vocab.txt",
}
"""Of the manifest, by role."""

SHARED = {
    "text_decoder.cls.predictions.decoder.weight": "text_decoder.bert.embeddings.word_embeddings.weight",
    "text_decoder.cls.predictions.decoder.bias": "text_decoder.cls.predictions.bias",
}
"""Tensors that are one in the network and two in the published file; its size tells."""


def published_config(layers: int) -> dict[str, Any]:
    """What the published config.json says of the network, with another number of layers."""
    shared = {"hidden_act": "gelu", "hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12}
    text = {
        **shared,
        "bos_token_id": 30522,
        "eos_token_id": 2,
        "is_decoder": True,
        "layer_norm_eps": 1e-12,
        "max_length": 20,
        "max_position_embeddings": 512,
        "model_type": "blip_text_model",
        "num_hidden_layers": layers,
        "pad_token_id": 0,
        "projection_dim": 768,
        "sep_token_id": 102,
        "vocab_size": 30524,
    }
    vision = {
        **shared,
        "image_size": 384,
        "layer_norm_eps": 1e-05,
        "max_length": 20,
        "model_type": "blip_vision_model",
        "num_hidden_layers": layers,
        "patch_size": 16,
        "projection_dim": 512,
    }
    return {
        "architectures": ["BlipForConditionalGeneration"],
        "image_text_hidden_size": 256,
        "logit_scale_init_value": 2.6592,
        "model_type": "blip",
        "projection_dim": 512,
        "text_config": text,
        "vision_config": vision,
    }


def shapes(layers: int) -> dict[str, torch.Size]:
    """Every tensor of the published file: what the network shares twice, and a buffer besides."""
    with torch.device("meta"):
        model = BlipForConditionalGeneration(BlipConfig(**published_config(layers)))
    found = {name: tensor.shape for name, tensor in model.named_parameters()}
    again = {name: found[other] for name, other in SHARED.items()}
    return {**found, **again, "text_decoder.bert.embeddings.position_ids": torch.Size([1, 512])}


def random_weights() -> dict[str, Tensor]:
    """Seeded weights under the published names."""
    source = torch.Generator().manual_seed(0)
    weights = {name: _random(name, shape, source) for name, shape in sorted(shapes(LAYERS).items())}
    return weights | {name: weights[other].clone() for name, other in SHARED.items()}


def _random(name: str, shape: torch.Size, source: torch.Generator) -> Tensor:
    """Matrices that keep the size of what goes through them; norms about 1, the rest about 0."""
    if name.endswith("position_ids"):
        return torch.arange(shape[1])[None]
    noise = torch.randn(shape, generator=source)
    if len(shape) in (2, 4) and name.endswith("weight"):
        return noise / noise[0].numel() ** 0.5
    about_one = "norm" in name.lower() and name.endswith("weight")
    return 0.1 * noise + float(about_one)


def vocabulary() -> str:
    """The published vocab.txt: the vocabulary of BERT, which the embedded labeller has too."""
    pieces = Tokenizer.from_file(str(ROOT / "models" / "weights" / "text-tokenizer.json")).get_vocab()
    return "".join(f"{piece}\n" for piece, _ in sorted(pieces.items(), key=lambda each: each[1]))


def write_files(directory: Path) -> None:
    """The three files of the manifest."""
    torch.save(random_weights(), directory / NAMES["checkpoint"])
    (directory / NAMES["config"]).write_text(json.dumps(published_config(LAYERS)), encoding="utf-8")
    (directory / NAMES["vocabulary"]).write_text(vocabulary(), encoding="utf-8")
