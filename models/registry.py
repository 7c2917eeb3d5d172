"""Builds the adapters that the manifest names."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.errors import ModelUnavailable
from domain.ports import Captioner, DepthEstimator, DualEncoder, Segmenter, TextReader
from domain.types.weights import ModelSpec
from models.exports import Export, Exports, command
from models.provider import LazyModel
from models.runtimes.choice import INSTALL_TORCH, choose_runtime, torch_is_installed
from models.runtimes.onnx import OnnxGraph
from models.store.weights import WeightStore, pull_command

logger = logging.getLogger(__name__)

NO_TORCH = f"torch is not installed: {INSTALL_TORCH}"


@dataclass(frozen=True)
class Compute:
    """What runs the networks.

    Attributes:
        threads: Cores one network call may use.
        runtime: For published checkpoints: `auto`, `torch` or `onnx` (see models.runtimes.choice).
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
    from models.segmenters.contour.segmenter import ContourSegmenter

    return ContourSegmenter(spec.info, registry.graph(spec, "edges"), registry.graph(spec, "ranker", 1))


def _embedded(registry: Registry, spec: ModelSpec) -> DualEncoder:
    from models.encoders.embedded.encoder import EmbeddedEncoder
    from models.encoders.embedded.image_tower import ImageTower
    from models.encoders.embedded.image_trunk import ImageTrunk
    from models.encoders.embedded.text_tower import TextTower

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
    from models.segmenters.sam2.graphs import OnnxSam2
    from models.segmenters.sam2.segmenter import Sam2Segmenter

    if export := registry.export(spec):
        return Sam2Segmenter(spec.info, OnnxSam2.load(export.verified(), registry.compute.threads))
    from models.runtimes.torch.device import choose_device
    from models.runtimes.torch.sam2.network import TorchSam2

    device = choose_device(registry.compute.device)
    checkpoint = registry.path(spec, "checkpoint")
    return Sam2Segmenter(
        spec.info, TorchSam2.load(spec.architecture, checkpoint, device, registry.compute.threads)
    )


SEGMENTERS: Mapping[str, Callable[[Registry, ModelSpec], Segmenter]] = {"contour": _contour, "sam2": _sam2}


def _clip(registry: Registry, spec: ModelSpec) -> DualEncoder:
    if export := registry.export(spec):
        from models.encoders.clip.exported import load_exported

        return load_exported(spec.info, export.verified(), registry.compute.threads)
    from models.encoders.clip.checkpoint import load_checkpoint

    checkpoint, compute = registry.path(spec, "checkpoint"), registry.compute
    tokenizer = registry.path(spec, "tokenizer") if spec.has("tokenizer") else None
    return load_checkpoint(
        spec.info, checkpoint, spec.architecture, spec.tag, compute.device, compute.threads, tokenizer
    )


ENCODERS: Mapping[str, Callable[[Registry, ModelSpec], DualEncoder]] = {"embedded": _embedded, "clip": _clip}


def _pp_ocr(registry: Registry, spec: ModelSpec) -> TextReader:
    from models.text.detector import LineDetector
    from models.text.reader import PpOcrReader
    from models.text.recognizer import LineRecognizer

    # Lines are read side by side, so each is read on the thread that asks.
    recognizer = LineRecognizer(registry.graph(spec, "recognizer", 1), spec.direction == "rtl")
    return PpOcrReader(spec.info, LineDetector(registry.graph(spec, "detector")), recognizer)


TEXT_READERS: Mapping[str, Callable[[Registry, ModelSpec], TextReader]] = {"pp-ocr": _pp_ocr}


def _depth_lite0(registry: Registry, spec: ModelSpec) -> DepthEstimator:
    from models.depth.embedded import EmbeddedDepth

    return EmbeddedDepth(spec.info, registry.graph(spec, "depth", keeps_memory=True))


def _depth_anything(registry: Registry, spec: ModelSpec) -> DepthEstimator:
    from models.depth.depth_anything import DepthAnythingEstimator, OnnxDepthAnything

    if export := registry.export(spec):
        network = OnnxDepthAnything(export.verified(), registry.compute.threads)
        return DepthAnythingEstimator(spec.info, network)
    from models.runtimes.torch.depth_anything.network import TorchDepthAnything
    from models.runtimes.torch.device import choose_device

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
    from models.captioners.blip import BlipCaptioner
    from models.captioners.word_pieces import WordPieces

    registry.need_torch(spec)
    config, checkpoint = registry.path(spec, "config"), registry.path(spec, "checkpoint")
    words = WordPieces.load(registry.path(spec, "vocabulary"))
    from models.runtimes.torch.blip.network import TorchBlip
    from models.runtimes.torch.device import choose_device

    device = choose_device(registry.compute.device)
    network = TorchBlip.load(config, checkpoint, device, registry.compute.threads)
    return BlipCaptioner(spec.info, network, words)


CAPTIONERS: Mapping[str, Callable[[Registry, ModelSpec], Captioner]] = {"blip": _blip}
