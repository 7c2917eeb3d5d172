"""Turns pulled checkpoints into ONNX graphs; needs torch installed."""

from collections.abc import Callable, Mapping
from pathlib import Path

from domain.errors import ModelUnavailable
from domain.models import ModelSpec
from models.exports import Export, Exports
from models.runtime.choose import INSTALL_TORCH, torch_is_installed
from models.store.weights import WeightStore

Exporter = Callable[[ModelSpec, Mapping[str, Path], Path], None]
"""Called with the model, its files by role, and the directory to write to."""


def can_export(spec: ModelSpec) -> bool:
    """Whether a model is a checkpoint that graphs can be made of."""
    return spec.adapter in EXPORTERS


def export_model(spec: ModelSpec, store: WeightStore, exports: Exports) -> Export:
    """The graphs of a pulled checkpoint, made anew.

    Raises:
        ModelUnavailable: One of its files is missing or damaged, or torch is missing.
    """
    files = {file.role: store.ensure(spec, file.role) for file in spec.files}
    if not torch_is_installed():
        raise ModelUnavailable(f"{spec.name}: torch is needed to make the graphs: {INSTALL_TORCH}")
    return exports.write(spec, lambda directory: EXPORTERS[spec.adapter](spec, files, directory))


def _sam2(spec: ModelSpec, files: Mapping[str, Path], directory: Path) -> None:
    from models.runtime.torch import choose_device
    from models.sam2.build import build
    from models.sam2.export import export_sam2

    export_sam2(build(spec.architecture, files["checkpoint"], choose_device("cpu")), directory)


def _clip(spec: ModelSpec, files: Mapping[str, Path], directory: Path) -> None:
    from models.clip.export import export_clip

    export_clip(files["checkpoint"], spec.architecture, spec.tag, directory, files.get("tokenizer"))


def _depth_anything(spec: ModelSpec, files: Mapping[str, Path], directory: Path) -> None:
    from models.depth_anything.export import export_depth_anything
    from models.depth_anything.torch import build
    from models.runtime.torch import choose_device

    export_depth_anything(build(spec.architecture, files["checkpoint"], choose_device("cpu")), directory)


EXPORTERS: Mapping[str, Exporter] = {"sam2": _sam2, "clip": _clip, "depth-anything": _depth_anything}
