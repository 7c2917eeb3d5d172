"""Builds BLIP from published files; nothing is ever fetched."""

import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import BlipConfig, BlipForConditionalGeneration
from transformers.utils.logging import disable_progress_bar

COUNTED = "position_ids"
"""Buffers of the published file that count from 0; the network of today makes them itself."""


def build(config: Path, checkpoint: Path, device: torch.device) -> BlipForConditionalGeneration:
    """The network, in evaluation mode.

    Args:
        config: A published config.json.
        checkpoint: A published pytorch_model.bin, a state dict.
        device: Where it computes.

    Raises:
        ValueError: The checkpoint is not of the network that the configuration describes.
    """
    disable_progress_bar()
    weights = torch.load(
        checkpoint, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(checkpoint)
    )
    if not isinstance(weights, dict) or not all(isinstance(each, Tensor) for each in weights.values()):
        raise ValueError(f"{checkpoint.name}: expected tensors by name, got something else")
    loaded: Any = BlipForConditionalGeneration.from_pretrained(
        None,
        config=BlipConfig.from_json_file(config),
        state_dict={name: tensor for name, tensor in weights.items() if not name.endswith(COUNTED)},
        ignore_mismatched_sizes=True,
        local_files_only=True,
        output_loading_info=True,
    )
    model, told = loaded
    wrong = sum(len(told[kind]) for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    if wrong:
        raise ValueError(
            f"{checkpoint.name} is not a checkpoint of {config.name}: "
            f"{wrong} tensors are missing, not known or of another shape"
        )
    ready: BlipForConditionalGeneration = model.eval().requires_grad_(False).to(device)
    return ready
