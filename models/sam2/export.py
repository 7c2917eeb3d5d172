"""Export of SAM 2.1 as four ONNX graphs that run without torch."""

import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models.sam2.network import SAM2_FEATURE_NAMES
from models.sam2.torch_masked_prompts import Sam2MaskedPromptTower
from models.sam2.torch_towers import (
    MASK_SIDE_PX,
    Sam2ImageTower,
    Sam2MaskTower,
    Sam2PromptTower,
)

ONNX_OPSET = 20


@torch.no_grad()
def export_sam2(model: Any, directory: Path) -> None:
    """Write image.onnx, prompt.onnx, masked_prompt.onnx and mask.onnx.

    Args:
        model: Meta's SAM2Base on the CPU.
        directory: Existing directory to write to.
    """
    towers = (Sam2ImageTower, Sam2PromptTower, Sam2MaskedPromptTower, Sam2MaskTower)
    image, prompt, masked_prompt, mask = (tower(model).eval() for tower in towers)
    pixels = torch.zeros(1, 3, model.image_size, model.image_size)
    _export_tower(image, (pixels,), directory / "image.onnx", ["pixels"], list(SAM2_FEATURE_NAMES), {})
    features = image(pixels)
    # The example has two prompts of two points, as tracing would take a size of 1 for a constant.
    points = torch.zeros(2, 2, 2), torch.ones(2, 2, dtype=torch.int64)
    inputs = ["coords", "labels", *SAM2_FEATURE_NAMES[:4]]
    axes = {"coords": {0: "prompts", 1: "points"}, "labels": {0: "prompts", 1: "points"}}
    outputs = ["ious", "weights", "image"]
    _export_tower(prompt, (*points, *features[:4]), directory / "prompt.onnx", inputs, outputs, axes)
    guesses = torch.zeros(2, MASK_SIDE_PX, MASK_SIDE_PX)
    masked_inputs, masked_axes = ["coords", "labels", "masks", "tokens"], {**axes, "masks": {0: "prompts"}}
    example = (*points, guesses, features[0])
    _export_tower(
        masked_prompt, example, directory / "masked_prompt.onnx", masked_inputs, outputs, masked_axes
    )
    _, weights, tokens = prompt(*points, *features[:4])
    inputs = ["image", "weights", *SAM2_FEATURE_NAMES[4:]]
    axes = {"image": {0: "prompts"}, "weights": {0: "prompts", 1: "masks"}}
    _export_tower(mask, (tokens, weights, *features[4:]), directory / "mask.onnx", inputs, ["logits"], axes)


def _export_tower(
    tower: nn.Module,
    examples: tuple[Tensor, ...],
    path: Path,
    inputs: list[str],
    outputs: list[str],
    axes: dict[str, dict[int, str]],
) -> None:
    with warnings.catch_warnings():
        # Meta's code compares sizes in Python, about which tracing warns; they are constants here.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            tower,
            examples,
            str(path),
            input_names=inputs,
            output_names=outputs,
            dynamic_axes=axes,
            opset_version=ONNX_OPSET,
            dynamo=False,
        )
