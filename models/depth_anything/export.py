"""Export of Depth Anything V2 as one ONNX graph that runs without torch."""

import warnings
from pathlib import Path

import torch

from models.depth_anything.estimator import GRAPH_FILE
from models.depth_anything.torch import DepthAnything

ONNX_OPSET = 17


@torch.no_grad()
def export_depth_anything(model: DepthAnything, directory: Path) -> None:
    """Write the graph from `pixels` float32 [1, 3, h, w], sides multiples of 14, to `inverse_depth` [h, w].

    Args:
        model: Network on the CPU.
        directory: Existing directory to write to.
    """
    # The sides differ from each other and from the position table, so that tracing takes none for a constant.
    example = torch.zeros(1, 3, 8 * 14, 11 * 14)
    with warnings.catch_warnings():
        # torch calls the tracing exporter deprecated, which also warns of each constant that it folds.
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
