"""The most memory each stage of /segment needs, on a photograph of 12 megapixels.

With --sam the masks come from SAM 2.1 tiny as ONNX graphs: its weights are random, so its network does all
the work, and then a recording answers (see tools.benchmarks.recorded).

python -m tools.benchmarks.memory [--sam] [--photo FILE]
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from adapters.memory_cache import ByteBudgetCache
from adapters.threads import ThreadWorkerPool
from bootstrap import build_services
from commands.serve import MALLOC_ENVIRONMENT
from config.settings import MIB, Settings
from domain.arrays import Rgb
from domain.models import ModelInfo
from domain.ports.models import Segmenter
from models.provider import LazyModel
from services.images.photo import Photo
from services.labels.confidence import LabelOptions
from services.labels.service import LabelService
from services.masks.find import MaskFinder
from services.masks.options import MaskOptions, PointGrid
from services.overlay.service import OverlayService
from services.progress import Progress
from services.segment import SegmentOptions, SegmentService
from tools.benchmarks.photographs import examples, jpeg
from tools.benchmarks.table import machine, show

SIZE = (4000, 3000)
EVERY_S = 0.002


def resident_mb() -> float:
    """Memory of this process now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


class Watched(Progress):
    """Progress that knows the most memory of each stage."""

    def __init__(self) -> None:
        super().__init__()
        self.peaks: dict[str, float] = {}
        self._stage, self._over = "before", False

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Watch what happens inside as stage `name`."""
        with super().stage(name):
            self._stage = name
            yield
            self._stage = "between"

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look often, from a thread of its own."""
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield
        finally:
            self._over = True
            thread.join()

    def _watch(self) -> None:
        while not self._over:
            stage = self._stage
            self.peaks[stage] = max(self.peaks.get(stage, 0.0), resident_mb())
            time.sleep(EVERY_S)


def sam(rgb: Rgb) -> Segmenter:
    """SAM 2.1 tiny that answers from a recording of this photograph."""
    import torch

    from models.sam2.export import export_sam2
    from models.sam2.onnx import OnnxSam2
    from models.sam2.segmenter import Sam2Segmenter
    from models.sam2.torch import build_sam2_model
    from tools.benchmarks.recorded import RecordedNetwork, record

    with tempfile.TemporaryDirectory() as folder:
        export_sam2(build_sam2_model("sam2.1_hiera_t", None, torch.device("cpu")), Path(folder))
        network = OnnxSam2.load(Path(folder), Settings().model_threads)
    side = PointGrid().points_per_side
    return Sam2Segmenter(ModelInfo("random", "0" * 64), RecordedNetwork(network, record(rgb, side), side))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sam", action="store_true")
    parser.add_argument("--photo", type=Path, default=examples()[0])
    arguments = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in MALLOC_ENVIRONMENT.items()):
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tools.benchmarks.memory", *sys.argv[1:]],
            os.environ | MALLOC_ENVIRONMENT,
        )
    settings = Settings()
    services = build_services(settings)
    rgb = np.ascontiguousarray(services.images.read(jpeg(arguments.photo, *SIZE)))
    segment = services.segment
    if arguments.sam:
        model = sam(rgb)
        provider = LazyModel(model.info, lambda: model)
        pool, results = ThreadWorkerPool(settings.decode_workers), services.caches["results"]
        finder = MaskFinder(provider, pool, ByteBudgetCache(64 * MIB), results)
        labelling = LabelService(services.models.labeller, services.texts, results, pool)
        segment = SegmentService(finder, labelling, OverlayService(services.caches["overlays"]))
    naming = LabelOptions(services.vocabularies.default)
    options = SegmentOptions(MaskOptions(PointGrid(), 64), naming)
    services.models.labeller.get(), services.models.segmenter.get()
    start, progress = resident_mb(), Watched()
    with progress.watching():
        found = segment.segment(Photo.of(rgb, "photograph"), options, progress)
    print(machine())
    show(
        f"Memory, {'SAM 2.1 tiny' if arguments.sam else 'embedded'}, {len(found.regions)} regions, MB",
        ["stage", "peak", "above the loaded process with the photograph"],
        [[name, f"{peak:.0f}", f"{peak - start:.0f}"] for name, peak in progress.peaks.items()],
    )


if __name__ == "__main__":
    main()
