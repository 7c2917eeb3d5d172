"""Builds the adapters that the manifest names."""

from collections.abc import Callable, Mapping
from pathlib import Path

from domain.ports import DualEncoder, Segmenter
from domain.types import ModelSpec
from models.provider import LazyModel
from models.runtimes.onnx import OnnxGraph
from models.store import WeightStore


class Registry:
    """Makes models from their specifications.

    Args:
        store: Where their files are.
        threads: Cores one network call may use.
    """

    def __init__(self, store: WeightStore, threads: int) -> None:
        self._store = store
        self._threads = threads

    def segmenter(self, spec: ModelSpec) -> LazyModel[Segmenter]:
        """The segmenter of a specification, not loaded yet."""
        return LazyModel(spec.info, lambda: SEGMENTERS[spec.adapter](self, spec))

    def labeller(self, spec: ModelSpec) -> LazyModel[DualEncoder]:
        """The labeller of a specification, not loaded yet."""
        return LazyModel(spec.info, lambda: ENCODERS[spec.adapter](self, spec))

    def path(self, spec: ModelSpec, role: str) -> Path:
        """Where one file of a model is, proved to be right.

        Raises:
            ModelUnavailable: It is missing or damaged.
        """
        return self._store.ensure(spec.file(role))

    def graph(self, spec: ModelSpec, role: str, threads: int | None = None) -> OnnxGraph:
        """The loaded ONNX graph of one file of a model, on `threads` cores or the registry's.

        Raises:
            ModelUnavailable: It is missing or damaged.
        """
        return OnnxGraph(self.path(spec, role), threads or self._threads)


# Adapters are imported when they are built: no profile needs the libraries of another.


def _contour(registry: Registry, spec: ModelSpec) -> Segmenter:
    from models.segmenters.contour import ContourSegmenter

    return ContourSegmenter(spec.info, registry.graph(spec, "edges"), registry.graph(spec, "ranker", 1))


def _embedded(registry: Registry, spec: ModelSpec) -> DualEncoder:
    from models.encoders.embedded import EmbeddedEncoder, ImageTower, ImageTrunk, TextTower

    # Small graphs run on the calling thread: idle threads of many graphs would spin against the trunk's.
    images = ImageTower(
        ImageTrunk(registry.graph(spec, "image-trunk")), registry.graph(spec, "image-head", 1)
    )
    texts = TextTower(
        registry.graph(spec, "text-tower", 1),
        registry.graph(spec, "text-head", 1),
        registry.path(spec, "tokenizer"),
    )
    return EmbeddedEncoder(spec.info, images, texts)


SEGMENTERS: Mapping[str, Callable[[Registry, ModelSpec], Segmenter]] = {"contour": _contour}
ENCODERS: Mapping[str, Callable[[Registry, ModelSpec], DualEncoder]] = {"embedded": _embedded}
