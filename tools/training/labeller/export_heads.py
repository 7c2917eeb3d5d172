"""Writes the trained heads as image-head.onnx and text-head.onnx, their weights in int8."""

import tempfile
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from tools.training.labeller import compact
from tools.training.labeller.heads import FEATURES, WIDTH, ImageHead, ServedText


def export_heads(image: ImageHead, text: ServedText, logit_scale: float, folder: Path) -> None:
    """Both files; the image head carries the scale of the logits."""
    sentence = torch.zeros(1, WIDTH)
    features = torch.zeros(1, FEATURES)
    head = _traced(image, (features, sentence, features), ["features", "conse", "scene"])
    compact.store_int8(head)
    compact.save(head, folder / "image-head.onnx", {"logit_scale": f"{logit_scale:.4f}"})
    head = _traced(text, (sentence,), ["sentence"])
    compact.store_int8(head)
    compact.save(head, folder / "text-head.onnx", {})


def _traced(module: nn.Module, example: tuple[Tensor, ...], inputs: list[str]) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "head.onnx"
        torch.onnx.export(
            module.eval(),
            example,
            str(path),
            input_names=inputs,
            output_names=["embedding"],
            dynamic_axes={name: {0: "n"} for name in (*inputs, "embedding")},
            opset_version=17,
            dynamo=False,
        )
        return onnx.load(path)
