"""Builds the adapters that the manifest names."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.errors import ModelUnavailable
from domain.models import ModelSpec
from domain.ports.models import Captioner, DepthEstimator, DualEncoder, Segmenter, TextReader
from models.exports import OnnxExport, OnnxExportStore, export_command
from models.provider import LazyModel
from models.runtime.choose import INSTALL_TORCH, choose_runtime, torch_is_installed
from models.runtime.onnx import OnnxGraph
from models.store.weights import WeightStore, pull_command

logger = logging.getLogger(__name__)

TORCH_MISSING_MESSAGE = f"torch is not installed: {INSTALL_TORCH}"


@dataclass(frozen=True)
class ComputeOptions:
    """What runs the networks.

    Attributes:
        threads: Cores one network call may use.
        runtime: For published checkpoints: `auto`, `torch` or `onnx` (see models.runtime.choose).
        device: Where torch computes: `auto`, `cpu` or `cuda`.
    """

    threads: int
    runtime: str = "auto"
    device: str = "auto"


class ModelRegistry:
    """Makes models from their specifications.

    Args:
        store: Where their files are.
        exports: Where graphs made from them are.
        compute: What runs them.
    """

    def __init__(self, store: WeightStore, exports: OnnxExportStore, compute: ComputeOptions) -> None:
        self._store = store
        self._exports = exports
        self.compute = compute

    def segmenter(self, spec: ModelSpec) -> LazyModel[Segmenter]:
        """The segmenter of a specification, not loaded yet."""
        return LazyModel(spec.info, lambda: SEGMENTERS[spec.adapter](self, spec))

    def labeller(self, spec: ModelSpec) -> LazyModel[DualEncoder]:
        """The labeller of a specification, not loaded yet."""
        return LazyModel(spec.info, lambda: LABELLERS[spec.adapter](self, spec))

    def text_reader(self, spec: ModelSpec) -> LazyModel[TextReader]:
        """The text reader of a specification, not loaded yet."""
        return LazyModel(spec.info, lambda: TEXT_READERS[spec.adapter](self, spec))

    def depth_estimator(self, spec: ModelSpec) -> LazyModel[DepthEstimator]:
        """The depth estimator of a specification, not loaded yet."""
        return LazyModel(spec.info, lambda: DEPTH_ESTIMATORS[spec.adapter](self, spec))

    def captioner(self, spec: ModelSpec) -> LazyModel[Captioner]:
        """The captioner of a specification, not loaded yet."""
        return LazyModel(spec.info, lambda: CAPTIONERS[spec.adapter](self, spec))

    def path(self, spec: ModelSpec, role: str) -> Path:
        """Where one file of a model is, proved to be right.

        Raises:
            ModelUnavailable: It is missing or damaged.
        """
        return self._store.ensure(spec, role)

    def graph(
        self, spec: ModelSpec, role: str, threads: int | None = None, use_arena: bool = False
    ) -> OnnxGraph:
        """The loaded ONNX graph of one file of a model, on `threads` cores or the registry's.

        Raises:
            ModelUnavailable: It is missing or damaged.
        """
        return OnnxGraph(self.path(spec, role), threads or self.compute.threads, use_arena)

    def export(self, spec: ModelSpec) -> OnnxExport | None:
        """The graphs that shall serve a published checkpoint; None where torch shall.

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
                f"its ONNX graphs are missing: {INSTALL_TORCH} && {pull_command(spec)} "
                f"&& {export_command(spec)}"
            )
        return export if runtime == "onnx" else None

    def require_torch(self, spec: ModelSpec) -> None:
        """Make sure of torch for a model that nothing else runs.

        Raises:
            ModelUnavailable: It is not installed, or ONNX Runtime is asked for.
        """
        if self.compute.runtime == "onnx":
            raise ModelUnavailable(f"{spec.name} runs on torch only: set SEGLABEL_RUNTIME to auto or torch")
        if not torch_is_installed():
            raise ModelUnavailable(TORCH_MISSING_MESSAGE)


# Adapters are imported when they are built: no profile needs the libraries of another.


def _build_contour(registry: ModelRegistry, spec: ModelSpec) -> Segmenter:
    from models.contour.segmenter import ContourSegmenter

    return ContourSegmenter(spec.info, registry.graph(spec, "edges"), registry.graph(spec, "ranker", 1))


def _build_lite_labeller(registry: ModelRegistry, spec: ModelSpec) -> DualEncoder:
    from models.lite_labeller.encoder import LiteEncoder
    from models.lite_labeller.towers import LiteImageTower, LiteImageTrunk, LiteTextTower

    # Every graph runs on the calling thread: two crops on a core each are quicker than one on both.
    # Crops have one of two sizes, so the trunk can keep its memory: to ask anew takes a third of the time.
    trunk = LiteImageTrunk(registry.graph(spec, "image-trunk", 1, use_arena=True))
    images = LiteImageTower(trunk, registry.graph(spec, "image-head", 1))
    texts = LiteTextTower(
        registry.graph(spec, "text-tower", 1),
        registry.graph(spec, "text-head", 1),
        registry.path(spec, "tokenizer"),
    )
    return LiteEncoder(spec.info, images, texts)


def _build_sam2(registry: ModelRegistry, spec: ModelSpec) -> Segmenter:
    from models.sam2.onnx import OnnxSam2
    from models.sam2.segmenter import Sam2Segmenter

    if export := registry.export(spec):
        return Sam2Segmenter(spec.info, OnnxSam2.load(export.verified(), registry.compute.threads))
    from models.runtime.torch import choose_device
    from models.sam2.torch import TorchSam2

    device = choose_device(registry.compute.device)
    checkpoint = registry.path(spec, "checkpoint")
    return Sam2Segmenter(
        spec.info, TorchSam2.load(spec.architecture, checkpoint, device, registry.compute.threads)
    )


SEGMENTERS: Mapping[str, Callable[[ModelRegistry, ModelSpec], Segmenter]] = {
    "contour": _build_contour,
    "sam2": _build_sam2,
}


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


LABELLERS: Mapping[str, Callable[[ModelRegistry, ModelSpec], DualEncoder]] = {
    "embedded": _build_lite_labeller,
    "clip": _build_clip,
}


def _build_pp_ocr(registry: ModelRegistry, spec: ModelSpec) -> TextReader:
    from models.pp_ocr.detector import LineDetector
    from models.pp_ocr.reader import PpOcrReader
    from models.pp_ocr.recognizer import LineRecognizer

    # Lines are read side by side, so each is read on the thread that asks.
    recognizer = LineRecognizer(registry.graph(spec, "recognizer", 1), spec.direction == "rtl")
    return PpOcrReader(spec.info, LineDetector(registry.graph(spec, "detector")), recognizer)


TEXT_READERS: Mapping[str, Callable[[ModelRegistry, ModelSpec], TextReader]] = {"pp-ocr": _build_pp_ocr}


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

    device = choose_device(registry.compute.device)
    checkpoint = registry.path(spec, "checkpoint")
    return DepthAnythingEstimator(
        spec.info, TorchDepthAnything.load(spec.architecture, checkpoint, device, registry.compute.threads)
    )


DEPTH_ESTIMATORS: Mapping[str, Callable[[ModelRegistry, ModelSpec], DepthEstimator]] = {
    "depth-lite0": _build_depth_lite,
    "depth-anything": _build_depth_anything,
}


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


CAPTIONERS: Mapping[str, Callable[[ModelRegistry, ModelSpec], Captioner]] = {"blip": _build_blip}

Exporter = Callable[[ModelSpec, Mapping[str, Path], Path], None]
"""Called with the model, its files by role, and the directory to write to."""


def can_export(spec: ModelSpec) -> bool:
    """Whether a model is a checkpoint that graphs can be made of."""
    return spec.adapter in EXPORTERS


def export_model(spec: ModelSpec, store: WeightStore, exports: OnnxExportStore) -> OnnxExport:
    """The graphs of a pulled checkpoint, made anew.

    Raises:
        ModelUnavailable: One of its files is missing or damaged, or torch is missing.
    """
    files = {file.role: store.ensure(spec, file.role) for file in spec.files}
    if not torch_is_installed():
        raise ModelUnavailable(f"{spec.name}: torch is needed to make the graphs: {INSTALL_TORCH}")
    return exports.write(spec, lambda directory: EXPORTERS[spec.adapter](spec, files, directory))


def _export_sam2_checkpoint(spec: ModelSpec, files: Mapping[str, Path], directory: Path) -> None:
    from models.runtime.torch import choose_device
    from models.sam2.export import export_sam2
    from models.sam2.torch import build_sam2_model

    export_sam2(build_sam2_model(spec.architecture, files["checkpoint"], choose_device("cpu")), directory)


def _export_clip_checkpoint(spec: ModelSpec, files: Mapping[str, Path], directory: Path) -> None:
    from models.clip.export import export_clip

    export_clip(files["checkpoint"], spec.architecture, spec.tag, directory, files.get("tokenizer"))


def _export_depth_anything_checkpoint(spec: ModelSpec, files: Mapping[str, Path], directory: Path) -> None:
    from models.depth_anything.export import export_depth_anything
    from models.depth_anything.torch import build_depth_anything
    from models.runtime.torch import choose_device

    export_depth_anything(
        build_depth_anything(spec.architecture, files["checkpoint"], choose_device("cpu")), directory
    )


EXPORTERS: Mapping[str, Exporter] = {
    "sam2": _export_sam2_checkpoint,
    "clip": _export_clip_checkpoint,
    "depth-anything": _export_depth_anything_checkpoint,
}
