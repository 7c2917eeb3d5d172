"""Registry of models: one table with the builder and the exporter of each adapter of the manifest."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from domain.errors import ModelUnavailable
from domain.models import ModelSpec
from domain.ports.models import Captioner, DepthEstimator, DualEncoder, Segmenter, TextReader
from models.exports import OnnxExport, OnnxExportStore, export_command
from models.provider import LazyModel
from models.runtime.choose import INSTALL_TORCH, choose_runtime, torch_is_installed
from models.runtime.onnx import OnnxGraph
from models.store.weights import WeightStore, pull_command

logger = logging.getLogger(__name__)

TORCH_MISSING_MESSAGE = f"torch is not installed; install it with `{INSTALL_TORCH}`"


@dataclass(frozen=True)
class ComputeOptions:
    """Options of the runtimes that compute the networks.

    Attributes:
        threads: Number of cores that one call of a network may use.
        runtime: Runtime of published checkpoints: `auto`, `torch` or `onnx` (see models.runtime.choose).
        device: Device of torch: `auto`, `cpu` or `cuda`.
    """

    threads: int
    runtime: str = "auto"
    device: str = "auto"


class ModelRegistry:
    """Makes models from their specifications.

    Args:
        store: Weight files.
        exports: ONNX graphs made from checkpoints.
        compute: Options of the runtimes.
    """

    def __init__(self, store: WeightStore, exports: OnnxExportStore, compute: ComputeOptions) -> None:
        self._store = store
        self._exports = exports
        self.compute = compute

    def segmenter(self, spec: ModelSpec) -> LazyModel[Segmenter]:
        """Return the segmenter of a specification, not loaded yet."""
        return self._lazy(spec, "segmenter")

    def labeller(self, spec: ModelSpec) -> LazyModel[DualEncoder]:
        """Return the labeller of a specification, not loaded yet."""
        return self._lazy(spec, "labeller")

    def text_reader(self, spec: ModelSpec) -> LazyModel[TextReader]:
        """Return the text reader of a specification, not loaded yet."""
        return self._lazy(spec, "text_reader")

    def depth_estimator(self, spec: ModelSpec) -> LazyModel[DepthEstimator]:
        """Return the depth estimator of a specification, not loaded yet."""
        return self._lazy(spec, "depth_estimator")

    def captioner(self, spec: ModelSpec) -> LazyModel[Captioner]:
        """Return the captioner of a specification, not loaded yet."""
        return self._lazy(spec, "captioner")

    def _lazy(self, spec: ModelSpec, role: "ModelRole") -> LazyModel[Any]:
        def build() -> Any:
            adapter = ADAPTERS[spec.adapter]
            if adapter.role != role:
                raise ValueError(f"expected a {role}, got {spec.adapter}, which is a {adapter.role}")
            return adapter.build(self, spec)

        return LazyModel(spec.info, build)

    def path(self, spec: ModelSpec, role: str) -> Path:
        """Return the path of one file of a model after a check of its hash.

        Raises:
            ModelUnavailable: The file is missing or damaged.
        """
        return self._store.ensure(spec, role)

    def graph(
        self, spec: ModelSpec, role: str, threads: int | None = None, use_arena: bool = False
    ) -> OnnxGraph:
        """Load one file of a model as an ONNX graph that runs on `threads` cores, else on the registry's.

        Raises:
            ModelUnavailable: The file is missing or damaged.
        """
        return OnnxGraph(self.path(spec, role), threads or self.compute.threads, use_arena)

    def export(self, spec: ModelSpec) -> OnnxExport | None:
        """Return the graphs that shall serve a published checkpoint, or None where torch shall.

        Raises:
            ModelUnavailable: Neither is possible; the message says what to do.
        """
        export = self._exports.find(spec)
        runtime = choose_runtime(self.compute.runtime, self.compute.device, export is not None)
        logger.info("%s runs on %s", spec.name, {"onnx": "ONNX Runtime", "torch": "torch"}[runtime])
        if runtime == "torch" and not torch_is_installed():
            raise ModelUnavailable(TORCH_MISSING_MESSAGE)
        if runtime == "onnx" and export is None:
            raise ModelUnavailable(
                f"the ONNX graphs are missing; make them with `{INSTALL_TORCH} && {pull_command(spec)} "
                f"&& {export_command(spec)}`"
            )
        return export if runtime == "onnx" else None

    def require_torch(self, spec: ModelSpec) -> None:
        """Check that torch may and can run a model that no other runtime can.

        Raises:
            ModelUnavailable: Torch is not installed, or ONNX Runtime is requested.
        """
        if self.compute.runtime == "onnx":
            raise ModelUnavailable(f"{spec.name} runs on torch only; set SEGLABEL_RUNTIME to auto or torch")
        if not torch_is_installed():
            raise ModelUnavailable(TORCH_MISSING_MESSAGE)


def is_captioner(spec: ModelSpec) -> bool:
    """Return whether a model writes captions."""
    return spec.adapter in ADAPTERS and ADAPTERS[spec.adapter].role == "captioner"


def can_export(spec: ModelSpec) -> bool:
    """Return whether ONNX graphs can be made from a model's checkpoint."""
    return spec.adapter in ADAPTERS and ADAPTERS[spec.adapter].export is not None


def export_model(spec: ModelSpec, store: WeightStore, exports: OnnxExportStore) -> OnnxExport:
    """Make the ONNX graphs of a pulled checkpoint and return them.

    Raises:
        ModelUnavailable: A file of the model is missing or damaged, torch is missing, or nothing can be
            exported from this model.
    """
    export = ADAPTERS[spec.adapter].export
    if export is None:
        raise ModelUnavailable(f"{spec.name} has nothing to export")
    files = {file.role: store.ensure(spec, file.role) for file in spec.files}
    if not torch_is_installed():
        raise ModelUnavailable(f"{spec.name}: the export needs torch; install it with `{INSTALL_TORCH}`")
    return exports.write(spec, lambda directory: export(spec, files, directory))


# The functions of the table import a model's code only when they are called, so that no profile needs the
# libraries of another one.


def _build_contour(registry: ModelRegistry, spec: ModelSpec) -> Segmenter:
    from models.contour.segmenter import ContourSegmenter

    return ContourSegmenter(spec.info, registry.graph(spec, "edges"), registry.graph(spec, "ranker", 1))


def _build_sam2(registry: ModelRegistry, spec: ModelSpec) -> Segmenter:
    from models.sam2.segmenter import Sam2Segmenter

    if export := registry.export(spec):
        from models.sam2.onnx import OnnxSam2

        return Sam2Segmenter(spec.info, OnnxSam2.load(export.verified(), registry.compute.threads))
    from models.runtime.torch import choose_device
    from models.sam2.torch import TorchSam2

    checkpoint, compute = registry.path(spec, "checkpoint"), registry.compute
    network = TorchSam2.load(spec.architecture, checkpoint, choose_device(compute.device), compute.threads)
    return Sam2Segmenter(spec.info, network)


def _export_sam2(spec: ModelSpec, files: Mapping[str, Path], directory: Path) -> None:
    from models.runtime.torch import choose_device
    from models.sam2.export import export_sam2
    from models.sam2.torch import build_sam2_model

    export_sam2(build_sam2_model(spec.architecture, files["checkpoint"], choose_device("cpu")), directory)


def _build_lite_labeller(registry: ModelRegistry, spec: ModelSpec) -> DualEncoder:
    from models.lite_labeller.encoder import LiteEncoder
    from models.lite_labeller.towers import LiteImageTower, LiteImageTrunk, LiteTextTower

    # Every graph runs on the calling thread: two crops on a core each are quicker than one crop on two cores.
    # Crops have one of two sizes, so the trunk can keep its memory: allocation takes a third of the time.
    trunk = LiteImageTrunk(registry.graph(spec, "image-trunk", 1, use_arena=True))
    images = LiteImageTower(trunk, registry.graph(spec, "image-head", 1))
    texts = LiteTextTower(
        registry.graph(spec, "text-tower", 1),
        registry.graph(spec, "text-head", 1),
        registry.path(spec, "tokenizer"),
    )
    return LiteEncoder(spec.info, images, texts)


def _build_clip(registry: ModelRegistry, spec: ModelSpec) -> DualEncoder:
    if export := registry.export(spec):
        from models.clip.onnx import load_onnx_clip

        return load_onnx_clip(spec.info, export.verified(), registry.compute.threads)
    from models.clip.torch import load_torch_clip

    checkpoint, compute = registry.path(spec, "checkpoint"), registry.compute
    tokenizer = registry.path(spec, "tokenizer") if spec.has("tokenizer") else None
    return load_torch_clip(
        spec.info, checkpoint, spec.architecture, spec.tag, compute.device, compute.threads, tokenizer
    )


def _export_clip(spec: ModelSpec, files: Mapping[str, Path], directory: Path) -> None:
    from models.clip.export import export_clip

    export_clip(files["checkpoint"], spec.architecture, spec.tag, directory, files.get("tokenizer"))


def _build_pp_ocr(registry: ModelRegistry, spec: ModelSpec) -> TextReader:
    from models.pp_ocr.detector import LineDetector
    from models.pp_ocr.reader import PpOcrReader
    from models.pp_ocr.recognizer import LineRecognizer

    # Lines are read side by side, so each one is read on the calling thread.
    recognizer = LineRecognizer(registry.graph(spec, "recognizer", 1), spec.direction == "rtl")
    return PpOcrReader(spec.info, LineDetector(registry.graph(spec, "detector")), recognizer)


def _build_depth_lite(registry: ModelRegistry, spec: ModelSpec) -> DepthEstimator:
    from models.depth_lite.estimator import DepthLiteEstimator

    return DepthLiteEstimator(spec.info, registry.graph(spec, "depth", use_arena=True))


def _build_depth_anything(registry: ModelRegistry, spec: ModelSpec) -> DepthEstimator:
    from models.depth_anything.estimator import DepthAnythingEstimator, OnnxDepthAnything

    if export := registry.export(spec):
        network = OnnxDepthAnything(export.verified(), registry.compute.threads)
        return DepthAnythingEstimator(spec.info, network)
    from models.depth_anything.torch import TorchDepthAnything
    from models.runtime.torch import choose_device

    checkpoint, compute = registry.path(spec, "checkpoint"), registry.compute
    device = choose_device(compute.device)
    loaded = TorchDepthAnything.load(spec.architecture, checkpoint, device, compute.threads)
    return DepthAnythingEstimator(spec.info, loaded)


def _export_depth_anything(spec: ModelSpec, files: Mapping[str, Path], directory: Path) -> None:
    from models.depth_anything.export import export_depth_anything
    from models.depth_anything.torch import build_depth_anything
    from models.runtime.torch import choose_device

    model = build_depth_anything(spec.architecture, files["checkpoint"], choose_device("cpu"))
    export_depth_anything(model, directory)


def _build_blip(registry: ModelRegistry, spec: ModelSpec) -> Captioner:
    from models.blip.captioner import BlipCaptioner, WordPieceDecoder

    registry.require_torch(spec)
    config, checkpoint = registry.path(spec, "config"), registry.path(spec, "checkpoint")
    words = WordPieceDecoder.load(registry.path(spec, "vocabulary"))
    from models.blip.torch import TorchBlip
    from models.runtime.torch import choose_device

    device = choose_device(registry.compute.device)
    network = TorchBlip.load(config, checkpoint, device, registry.compute.threads)
    return BlipCaptioner(spec.info, network, words)


ModelRole = Literal["segmenter", "labeller", "text_reader", "depth_estimator", "captioner"]

Exporter = Callable[[ModelSpec, Mapping[str, Path], Path], None]
"""Function that is called with the model, its files by role, and the directory to write the graphs to."""


@dataclass(frozen=True)
class ModelAdapter:
    """One row of the table.

    Attributes:
        role: Port that the model stands behind.
        build: Loads the model.
        export: Writes the ONNX graphs of its checkpoint; None where nothing can be exported.
    """

    role: ModelRole
    build: Callable[[ModelRegistry, ModelSpec], Any]
    export: Exporter | None = None


ADAPTERS: Mapping[str, ModelAdapter] = {
    "contour": ModelAdapter("segmenter", _build_contour),
    "sam2": ModelAdapter("segmenter", _build_sam2, _export_sam2),
    "embedded": ModelAdapter("labeller", _build_lite_labeller),
    "clip": ModelAdapter("labeller", _build_clip, _export_clip),
    "pp-ocr": ModelAdapter("text_reader", _build_pp_ocr),
    "depth-lite0": ModelAdapter("depth_estimator", _build_depth_lite),
    "depth-anything": ModelAdapter("depth_estimator", _build_depth_anything, _export_depth_anything),
    "blip": ModelAdapter("captioner", _build_blip),
}
"""Table of the models that the service can run, by the `adapter` of the manifest."""
