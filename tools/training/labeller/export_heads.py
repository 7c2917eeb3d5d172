"""Exports the trained heads to ONNX with their weights in int8."""

from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from tools.training.labeller import compact
from tools.training.labeller.heads import FEATURES, WIDTH, ImageHead, ServedText
from tools.training.tracing import traced


def export_heads(image: ImageHead, text: ServedText, logit_scale: float, folder: Path) -> None:
    """Write image-head.onnx and text-head.onnx; the image head has the scale of the logits in its metadata.

    Args:
        image: The trained image head.
        text: The trained text head.
        logit_scale: Factor between cosines and logits.
        folder: Folder of both files.
    """
    sentence = torch.zeros(1, WIDTH)
    features = torch.zeros(1, FEATURES)
    head = _traced(image, (features, sentence, features), ["features", "conse", "scene"])
    compact.store_int8(head)
    compact.save(head, folder / "image-head.onnx", {"logit_scale": f"{logit_scale:.4f}"})
    head = _traced(text, (sentence,), ["sentence"])
    compact.store_int8(head)
    compact.save(head, folder / "text-head.onnx", {})


def _traced(module: nn.Module, example: tuple[Tensor, ...], inputs: list[str]) -> onnx.ModelProto:
    axes = {name: {0: "n"} for name in (*inputs, "embedding")}
    return traced(module, example, inputs, ["embedding"], axes)
