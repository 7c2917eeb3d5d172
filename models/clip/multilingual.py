"""Builds open_clip's CLIPs with an XLM-RoBERTa text tower: its image tower, a text tower of ours."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import open_clip
import torch
from open_clip.factory import load_state_dict
from open_clip.tokenizer import DEFAULT_CONTEXT_LENGTH

from models.clip.torch_xlm_roberta import XlmRobertaSize, XlmRobertaTower

SIZES: Mapping[str, XlmRobertaSize] = {"xlm-roberta-base": XlmRobertaSize()}
"""Text towers that can be built, by the name that open_clip's descriptions have for them."""

STAND_IN = {"width": 64, "heads": 1, "layers": 1, "vocab_size": 1}
"""A text tower for open_clip to build and us to replace: its own for these needs transformers."""

WORDS = "text.transformer.embeddings.word_embeddings.weight"
NUMBERS = "text.transformer.embeddings.position_ids"
"""Among the weights in old files: the numbers from 0 on, which transformers kept there until 4.31."""


def build_multilingual(config: Mapping[str, Any], size: XlmRobertaSize) -> torch.nn.Module:
    """The model with random weights, its tokens limited as open_clip's tokenizer for it limits them.

    Args:
        config: open_clip's description of the architecture.
        size: Of the text tower.
    """
    model: Any = open_clip.CustomTextCLIP(config["embed_dim"], config["vision_cfg"], STAND_IN)
    model.text = XlmRobertaTower(size, config["embed_dim"])
    model.context_length = config["text_cfg"].get("context_length", DEFAULT_CONTEXT_LENGTH)
    return cast(torch.nn.Module, model)


def load_multilingual(path: Path, config: Mapping[str, Any], size: XlmRobertaSize) -> torch.nn.Module:
    """The model with the weights of a .pt, .bin or .safetensors file, in float32 on the CPU.

    It has as many tokens as the file: a quarter of a million in the published ones, fewer where a vocabulary
    was cut down to some languages.

    Raises:
        RuntimeError: The weights are those of another architecture.
    """
    state: dict[str, torch.Tensor] = load_state_dict(str(path), weights_only=True)
    state.pop(NUMBERS, None)
    words = len(state[WORDS]) if WORDS in state else size.vocabulary
    # Built without memory of its own: the file's tensors become the weights.
    with torch.device("meta"):
        model = build_multilingual(config, replace(size, vocabulary=words))
    model.load_state_dict(state, assign=True)
    return model.float()
