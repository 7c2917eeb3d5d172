"""Writes Depth Anything V2 as one ONNX graph that runs without torch."""

import warnings
from pathlib import Path

import torch

from models.depth_anything.estimator import GRAPH_FILE
from models.depth_anything.torch import DepthAnything

ONNX_OPSET = 17


@torch.no_grad()
def export_depth_anything(model: DepthAnything, directory: Path) -> None:
    """Write the graph: `pixels` float32 [1, 3, h, w] to `inverse_depth` [h, w], multiples of 14, in float32.

    Args:
        model: On the CPU.
        directory: Where to; it exists.
    """
    # Two unequal sides, neither that of the position table: nothing is taken for a constant.
    example = torch.zeros(1, 3, 8 * 14, 11 * 14)
    with warnings.catch_warnings():
        # The tracing exporter is called deprecated and warns of each constant it folds.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (example,),
            str(directory / GRAPH_FILE),
            input_names=["pixels"],
            output_names=["inverse_depth"],
            dynamic_axes={"pixels": {2: "height", 3: "width"}, "inverse_depth": {0: "height", 1: "width"}},
            opset_version=ONNX_OPSET,
            dynamo=False,
        )
