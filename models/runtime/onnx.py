"""ONNX graphs, run with ONNX Runtime on the CPU."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnxruntime as ort
from numpy.typing import NDArray


class OnnxGraph:
    """Loaded ONNX graph. It is stateless, so threads can share it.

    Args:
        path: Path of the .onnx file.
        threads: Number of cores that one call may use.
        use_arena: Keep the memory of a call for the next one, which is faster for inputs of few sizes.

    Raises:
        onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf: The file is not an ONNX graph.
    """

    def __init__(self, path: Path, threads: int, use_arena: bool = False) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Without the arena all memory is freed after each call, so it stays flat over any mix of image sizes.
        options.enable_cpu_mem_arena = use_arena
        self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Run the graph on inputs by name and return its outputs in their order."""
        outputs: list[NDArray[Any]] = self._session.run(None, dict(feeds))
        return outputs

    @property
    def metadata(self) -> dict[str, str]:
        """Key-value pairs that the exporter stored in the file."""
        pairs: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        return pairs
