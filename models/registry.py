"""Builds the adapters that the manifest names."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.errors import ModelUnavailable
from domain.models import ModelSpec
from domain.ports.models import Captioner, DepthEstimator, DualEncoder, Segmenter, TextReader
from models.exports import Export, Exports, command
from models.provider import LazyModel
from models.runtime.choose import INSTALL_TORCH, choose_runtime, torch_is_installed
from models.runtime.onnx import OnnxGraph
from models.store.weights import WeightStore, pull_command

logger = logging.getLogger(__name__)

NO_TORCH = f"torch is not installed: {INSTALL_TORCH}"


@dataclass(frozen=True)
class Compute:
    """What runs the networks.

    Attributes:
        threads: Cores one network call may use.
        runtime: For published checkpoints: `auto`, `torch` or `onnx` (see models.runtime.choose).
        device: Where torch computes: `auto`, `cpu` or `cuda`.
    """

    threads: int
    runtime: str = "auto"
    device: str = "auto"


class Registry:
    """Makes models from their specifications.

    Args:
        store: Where their files are.
        exports: Where graphs made from them are.
        compute: What runs them.
    """

    def __init__(self, store: WeightStore, exports: Exports, compute: Compute) -> None:
        self._store = store
        self._exports = exports
        self.compute = compute

    def segmenter(self, spec: ModelSpec) -> LazyModel[Segmenter]:
        """The segmenter of a specification, not loaded yet."""
        return LazyModel(spec.info, lambda: SEGMENTERS[spec.adapter](self, spec))

    def labeller(self, spec: ModelSpec) -> LazyModel[DualEncoder]:
        """The labeller of a specification, not loaded yet."""
        return LazyModel(spec.info, lambda: ENCODERS[spec.adapter](self, spec))

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
        self, spec: ModelSpec, role: str, threads: int | None = None, keeps_memory: bool = False
    ) -> OnnxGraph:
        """The loaded ONNX graph of one file of a model, on `threads` cores or the registry's.

        Raises:
            ModelUnavailable: It is missing or damaged.
        """
        return OnnxGraph(self.path(spec, role), threads or self.compute.threads, keeps_memory)

    def export(self, spec: ModelSpec) -> Export | None:
        """The graphs that shall serve a published checkpoint; None where torch shall.

        Raises:
            ModelUnavailable: Neither is possible; the message says what to do.
        """
        export = self._exports.find(spec)
        runtime = choose_runtime(self.compute.runtime, self.compute.device, export is not None)
        logger.info("%s runs on %s", spec.name, {"onnx": "ONNX Runtime", "torch": "torch"}[runtime])
        if runtime == "torch" and not torch_is_installed():
            raise ModelUnavailable(NO_TORCH)
        if runtime == "onnx" and export is None:
            raise ModelUnavailable(
                f"its ONNX graphs are missing: {INSTALL_TORCH} && {pull_command(spec)} && {command(spec)}"
            )
        return export if runtime == "onnx" else None

    def need_torch(self, spec: ModelSpec) -> None:
        """Make sure of torch for a model that nothing else runs.

        Raises:
            ModelUnavailable: It is not installed, or ONNX Runtime is asked for.
        """
        if self.compute.runtime == "onnx":
            raise ModelUnavailable(f"{spec.name} runs on torch only: set SEGLABEL_RUNTIME to auto or torch")
        if not torch_is_installed():
            raise ModelUnavailable(NO_TORCH)


# Adapters are imported when they are built: no profile needs the libraries of another.


def _contour(registry: Registry, spec: ModelSpec) -> Segmenter:
    from models.contour.segmenter import ContourSegmenter

    return ContourSegmenter(spec.info, registry.graph(spec, "edges"), registry.graph(spec, "ranker", 1))


def _embedded(registry: Registry, spec: ModelSpec) -> DualEncoder:
    from models.lite_labeller.encoder import EmbeddedEncoder
    from models.lite_labeller.image_trunk import ImageTrunk
    from models.lite_labeller.text_tower import TextTower
    from models.lite_labeller.towers import ImageTower

    # Every graph runs on the calling thread: two crops on a core each are quicker than one on both.
    # Crops have one of two sizes, so the trunk can keep its memory: to ask anew takes a third of the time.
    trunk = ImageTrunk(registry.graph(spec, "image-trunk", 1, keeps_memory=True))
    images = ImageTower(trunk, registry.graph(spec, "image-head", 1))
    texts = TextTower(
        registry.graph(spec, "text-tower", 1),
        registry.graph(spec, "text-head", 1),
        registry.path(spec, "tokenizer"),
    )
    return EmbeddedEncoder(spec.info, images, texts)


def _sam2(registry: Registry, spec: ModelSpec) -> Segmenter:
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


SEGMENTERS: Mapping[str, Callable[[Registry, ModelSpec], Segmenter]] = {"contour": _contour, "sam2": _sam2}


def _clip(registry: Registry, spec: ModelSpec) -> DualEncoder:
    if export := registry.export(spec):
        from models.clip.onnx import load_exported

        return load_exported(spec.info, export.verified(), registry.compute.threads)
    from models.clip.checkpoint import load_checkpoint

    checkpoint, compute = registry.path(spec, "checkpoint"), registry.compute
    tokenizer = registry.path(spec, "tokenizer") if spec.has("tokenizer") else None
    return load_checkpoint(
        spec.info, checkpoint, spec.architecture, spec.tag, compute.device, compute.threads, tokenizer
    )


ENCODERS: Mapping[str, Callable[[Registry, ModelSpec], DualEncoder]] = {"embedded": _embedded, "clip": _clip}


def _pp_ocr(registry: Registry, spec: ModelSpec) -> TextReader:
    from models.pp_ocr.detector import LineDetector
    from models.pp_ocr.reader import PpOcrReader
    from models.pp_ocr.recognizer import LineRecognizer

    # Lines are read side by side, so each is read on the thread that asks.
    recognizer = LineRecognizer(registry.graph(spec, "recognizer", 1), spec.direction == "rtl")
    return PpOcrReader(spec.info, LineDetector(registry.graph(spec, "detector")), recognizer)


TEXT_READERS: Mapping[str, Callable[[Registry, ModelSpec], TextReader]] = {"pp-ocr": _pp_ocr}


def _depth_lite0(registry: Registry, spec: ModelSpec) -> DepthEstimator:
    from models.depth_lite.estimator import EmbeddedDepth

    return EmbeddedDepth(spec.info, registry.graph(spec, "depth", keeps_memory=True))


def _depth_anything(registry: Registry, spec: ModelSpec) -> DepthEstimator:
    from models.depth_anything.estimator import DepthAnythingEstimator, OnnxDepthAnything

    if export := registry.export(spec):
        network = OnnxDepthAnything(export.verified(), registry.compute.threads)
        return DepthAnythingEstimator(spec.info, network)
    from models.depth_anything.network import TorchDepthAnything
    from models.runtime.torch import choose_device

    device = choose_device(registry.compute.device)
    checkpoint = registry.path(spec, "checkpoint")
    return DepthAnythingEstimator(
        spec.info, TorchDepthAnything.load(spec.architecture, checkpoint, device, registry.compute.threads)
    )


DEPTH_ESTIMATORS: Mapping[str, Callable[[Registry, ModelSpec], DepthEstimator]] = {
    "depth-lite0": _depth_lite0,
    "depth-anything": _depth_anything,
}


def _blip(registry: Registry, spec: ModelSpec) -> Captioner:
    from models.blip.captioner import BlipCaptioner
    from models.blip.word_pieces import WordPieces

    registry.need_torch(spec)
    config, checkpoint = registry.path(spec, "config"), registry.path(spec, "checkpoint")
    words = WordPieces.load(registry.path(spec, "vocabulary"))
    from models.blip.torch import TorchBlip
    from models.runtime.torch import choose_device

    device = choose_device(registry.compute.device)
    network = TorchBlip.load(config, checkpoint, device, registry.compute.threads)
    return BlipCaptioner(spec.info, network, words)


CAPTIONERS: Mapping[str, Callable[[Registry, ModelSpec], Captioner]] = {"blip": _blip}
