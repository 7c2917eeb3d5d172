"""SAM 2.1 checkpoints in the published file format, with random weights that leave nothing trivial."""

from pathlib import Path

import torch

from models.sam2.torch import build_sam2_model

LIVELY = 30.0
"""Makes logits as large as trained ones: random mask tokens give almost none."""


def write_checkpoint(architecture: str, path: Path) -> None:
    """Save {"model": state dict} of seeded random weights, as the published files are."""
    torch.manual_seed(0)
    model = build_sam2_model(architecture, None, torch.device("cpu"))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1 and not parameter.any():
                parameter.normal_(std=0.05)
        for net in model.sam_mask_decoder.output_hypernetworks_mlps:
            net.layers[-1].weight *= LIVELY
    torch.save({"model": model.state_dict()}, path)
