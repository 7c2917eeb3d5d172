"""Stores the weights of an ONNX graph in fewer bits, while its arithmetic stays float32.

A weight becomes a narrow initializer, followed by Cast and, for int8, by Mul with its scales. ONNX Runtime
folds these nodes when it loads the file, so they cost nothing per call. Unlike with dynamic quantization, a
result cannot depend on the rest of the batch.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

SMALLEST = 1_024
"""Smallest size of an initializer that is stored in fewer bits."""


def store_half(model: onnx.ModelProto) -> None:
    """Store every large float32 initializer of the model as float16, in place."""
    for tensor, array in _large_floats(model):
        narrow = f"{tensor.name}.f16"
        _replace(model, tensor, {narrow: array.astype(np.float16)})
        _prepend(model, [_cast(narrow, tensor.name)])


def store_int8(model: onnx.ModelProto, table: str | None = None) -> None:
    """Store every large matrix of the model as int8 with one scale per column, in place.

    Args:
        model: Is changed in place.
        table: Name of an embedding table, which gets one scale per row; its rows are gathered before they are
            scaled.
    """
    for tensor, array in _large_floats(model):
        if tensor.name == table:
            _int8_table(model, tensor, array)
        elif array.ndim == 2:
            _int8_matrix(model, tensor, array)


def save(model: onnx.ModelProto, path: Path, metadata: Mapping[str, str]) -> None:
    """Check the graph, write it with the metadata, and print its size."""
    onnx.helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


def _large_floats(model: onnx.ModelProto) -> list[tuple[onnx.TensorProto, NDArray[np.float32]]]:
    floats = [t for t in model.graph.initializer if t.data_type == onnx.TensorProto.FLOAT]
    arrays = [(tensor, numpy_helper.to_array(tensor)) for tensor in floats]
    return [(tensor, array) for tensor, array in arrays if array.size >= SMALLEST]


def quantize(array: NDArray[np.float32], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """Return symmetric int8 codes, and a float16 scale for each slice along `axis`."""
    largest = np.abs(array).max(axis=axis, keepdims=True)
    scale = np.maximum(largest / 127, np.finfo(np.float16).tiny).astype(np.float16)
    codes = np.clip(np.rint(array / scale.astype(np.float32)), -127, 127).astype(np.int8)
    return codes, scale


def _int8_matrix(model: onnx.ModelProto, tensor: onnx.TensorProto, array: NDArray[np.float32]) -> None:
    codes, scale = quantize(array, axis=0)
    name = tensor.name
    _replace(model, tensor, {f"{name}.i8": codes, f"{name}.scale": scale})
    nodes = [_cast(f"{name}.i8", f"{name}.codes"), _cast(f"{name}.scale", f"{name}.scale32")]
    product = onnx.helper.make_node("Mul", [f"{name}.codes", f"{name}.scale32"], [name])
    _prepend(model, [*nodes, product])


def _int8_table(model: onnx.ModelProto, tensor: onnx.TensorProto, array: NDArray[np.float32]) -> None:
    codes, scale = quantize(array, axis=1)
    name = tensor.name
    gather = next(node for node in model.graph.node if node.op_type == "Gather" and node.input[0] == name)
    position = list(model.graph.node).index(gather)
    _replace(model, tensor, {f"{name}.i8": codes, f"{name}.scale": scale})
    ids, rows = gather.input[1], gather.output[0]
    nodes = [
        onnx.helper.make_node("Gather", [f"{name}.i8", ids], [f"{rows}.i8"]),
        onnx.helper.make_node("Gather", [f"{name}.scale", ids], [f"{rows}.scale"]),
        _cast(f"{rows}.i8", f"{rows}.codes"),
        _cast(f"{rows}.scale", f"{rows}.scale32"),
        onnx.helper.make_node("Mul", [f"{rows}.codes", f"{rows}.scale32"], [rows]),
    ]
    model.graph.node.remove(gather)
    for offset, node in enumerate(nodes):
        model.graph.node.insert(position + offset, node)


def _cast(source: str, target: str) -> onnx.NodeProto:
    return onnx.helper.make_node("Cast", [source], [target], to=onnx.TensorProto.FLOAT)


def _replace(
    model: onnx.ModelProto, tensor: onnx.TensorProto, arrays: Mapping[str, NDArray[np.generic]]
) -> None:
    model.graph.initializer.remove(tensor)
    model.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in arrays.items())


def _prepend(model: onnx.ModelProto, nodes: list[onnx.NodeProto]) -> None:
    for node in reversed(nodes):
        model.graph.node.insert(0, node)
