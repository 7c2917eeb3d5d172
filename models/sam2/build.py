"""Builds SAM 2.1 from Meta's own configuration and a published checkpoint."""

from pathlib import Path
from typing import Any

import torch
from sam2.build_sam import build_sam2


def build(architecture: str, checkpoint: Path | None, device: torch.device) -> Any:
    """Meta's SAM2Base, in evaluation mode.

    Args:
        architecture: Name of one of Meta's configurations, e.g. "sam2.1_hiera_t".
        checkpoint: A published .pt file, {"model": state dict}; None leaves random weights.
        device: Where it computes.

    Raises:
        ValueError: The checkpoint is of another architecture, or no checkpoint of SAM 2.
    """
    model = build_sam2(f"configs/sam2.1/{architecture}.yaml", device=str(device))
    if checkpoint is not None:
        _load(model, checkpoint, architecture)
    return model


def _load(model: Any, checkpoint: Path, architecture: str) -> None:
    content = torch.load(checkpoint, map_location="cpu", weights_only=True)
    if not isinstance(content, dict) or "model" not in content:
        raise ValueError(f"{checkpoint.name}: expected a SAM 2 checkpoint with the key 'model', got none")
    missing, unexpected = model.load_state_dict(content["model"], strict=False)
    if missing or unexpected:
        raise ValueError(
            f"{checkpoint.name} is not a checkpoint of {architecture}: "
            f"{len(missing)} tensors are missing, {len(unexpected)} are not known"
        )
