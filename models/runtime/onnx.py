"""Runs ONNX graphs with ONNX Runtime on the CPU."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnxruntime as ort
from numpy.typing import NDArray


class OnnxGraph:
    """One loaded graph. Stateless between calls, so threads share it.

    Args:
        path: The .onnx file.
        threads: Cores one call may use.
        use_arena: Keep what a call needed for the next: quicker, for inputs of few sizes.

    Raises:
        onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf: The file is no ONNX graph.
    """

    def __init__(self, path: Path, threads: int, use_arena: bool = False) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Without the arena memory goes back after each call: flat over any mix of image sizes.
        options.enable_cpu_mem_arena = use_arena
        self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Outputs in the graph's order for inputs by name."""
        outputs: list[NDArray[Any]] = self._session.run(None, dict(feeds))
        return outputs

    @property
    def metadata(self) -> dict[str, str]:
        """Key-value pairs stored in the file by its exporter."""
        pairs: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        return pairs
