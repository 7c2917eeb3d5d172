"""Traces torch modules to ONNX graphs."""

import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

OPSET = 17


def traced(
    module: nn.Module,
    example: tuple[Tensor, ...],
    inputs: Sequence[str],
    outputs: Sequence[str],
    axes: Mapping[str, Mapping[int, str]],
) -> onnx.ModelProto:
    """Return the graph of a module.

    Args:
        module: Is set to evaluation.
        example: One tensor for each input.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
        axes: The axes of inputs and outputs whose size may change, with a name for each size.
    """
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # The tracing exporter is called deprecated, and it warns of each size that becomes a constant.
        warnings.simplefilter("ignore")
        path = Path(folder) / "traced.onnx"
        torch.onnx.export(
            module.eval(),
            example,
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
        return onnx.load(path)
