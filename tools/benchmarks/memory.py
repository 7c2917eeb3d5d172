"""Measures the largest memory of each stage of /segment on a photograph of 12 megapixels.

With --sam the masks come from SAM 2.1 as ONNX graphs with random weights. Its network does all the work,
and then a recording replaces the predictions, see tools.benchmarks.recorded.

python -m tools.benchmarks.memory [--sam] [--photo FILE] [--crop-layers N]
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from bootstrap import Services, build_services, join_services
from commands.serve import MALLOC_ENVIRONMENT
from config.settings import MIB, Settings
from domain.arrays import Rgb
from domain.models import ModelInfo
from domain.ports.models import Segmenter
from models.provider import LazyModel
from services.images.photo import Photo
from services.labels.confidence import LabelOptions
from services.masks.options import CropLayers, MaskOptions, PointGrid, default_max_masks
from services.progress import Progress
from services.segment import SegmentOptions, SegmentService
from tools.benchmarks.photographs import examples, jpeg, parse_size
from tools.benchmarks.table import machine, show

LARGE_SIZE = (4000, 3000)
"""Width and height of the photograph in pixels."""

EVERY_S = 0.002
"""Seconds between two looks at the memory."""

MODULE = "tools.benchmarks.memory"
"""Name of this module."""


def resident_mb() -> float:
    """Return the present memory of this process in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


class WatchedProgress(Progress):
    """A progress that records the largest memory of each stage.

    Attributes:
        peaks: Largest memory in MB by the name of the stage.
    """

    def __init__(self) -> None:
        super().__init__()
        self.peaks: dict[str, float] = {}
        self._stage, self._over = "before", False

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Record what happens inside the block as stage `name`."""
        outer = "between" if self._stage == "before" else self._stage
        with super().stage(name):
            self._stage = name
            yield
            self._record()
            self._stage = outer

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look at the memory every EVERY_S seconds during the block, from a thread of its own."""
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield
        finally:
            self._over = True
            thread.join()

    def _watch(self) -> None:
        while not self._over:
            self._record()
            time.sleep(EVERY_S)

    def _record(self) -> None:
        stage = self._stage
        self.peaks[stage] = max(self.peaks.get(stage, 0.0), resident_mb())


def recorded_sam(architecture: str, rgb: Rgb, points_per_side: int) -> Segmenter:
    """Return SAM 2.1 with random weights, whose predictions are recorded from this image."""
    import torch

    from models.sam2.export import export_sam2
    from models.sam2.onnx import OnnxSam2
    from models.sam2.segmenter import Sam2Segmenter
    from models.sam2.torch import build_sam2_model
    from tools.benchmarks.recorded import RecordedNetwork, record

    with tempfile.TemporaryDirectory() as folder:
        export_sam2(build_sam2_model(architecture, None, torch.device("cpu")), Path(folder))
        network = OnnxSam2.load(Path(folder), Settings().model_threads)
    recorded = RecordedNetwork(network, record(rgb, points_per_side), points_per_side)
    return Sam2Segmenter(ModelInfo("random", "0" * 64), recorded)


def with_segmenter(services: Services, segmenter: Segmenter, settings: Settings) -> SegmentService:
    """Return the service of /segment with another segmenter."""
    models = replace(services.models, segmenter=LazyModel(segmenter.info, lambda: segmenter))
    return join_services(settings.model_copy(update={"embedding_cache_bytes": 64 * MIB}), models).segment


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sam", action="store_true", help="take masks from SAM 2.1")
    parser.add_argument("--architecture", default="sam2.1_hiera_t", help="name of a configuration of SAM 2.1")
    parser.add_argument("--photo", type=Path, default=examples()[0])
    parser.add_argument("--size", type=parse_size, default=LARGE_SIZE, help="width and height, e.g. 640x480")
    parser.add_argument("--points-per-side", type=int, default=PointGrid().points_per_side)
    parser.add_argument("--crop-layers", type=int, default=0, help="layers of crops that are searched")
    return parser.parse_args()


def with_service_allocator(module: str) -> None:
    """Run `module` in place of this process with the memory allocation of the service, unless it has that."""
    if any(os.environ.get(name) != value for name, value in MALLOC_ENVIRONMENT.items()):
        command = [sys.executable, "-m", module, *sys.argv[1:]]
        os.execve(sys.executable, command, os.environ | MALLOC_ENVIRONMENT)


def main() -> None:
    """Measure and print."""
    args = arguments()
    with_service_allocator(MODULE)
    settings, grid = Settings(), PointGrid(args.points_per_side, crops=CropLayers(args.crop_layers))
    services = build_services(settings)
    rgb, segment = np.ascontiguousarray(services.images.read(jpeg(args.photo, *args.size))), services.segment
    if args.sam:
        segment = with_segmenter(
            services, recorded_sam(args.architecture, rgb, grid.points_per_side), settings
        )
    masks = MaskOptions(grid, default_max_masks(grid.crops))
    options = SegmentOptions(masks, LabelOptions(services.vocabularies.default))
    services.models.labeller.get(), services.models.segmenter.get()
    start, progress = resident_mb(), WatchedProgress()
    with progress.watching():
        found = segment.segment(Photo.of(rgb, "photograph"), options, progress)
    print(machine())
    show(
        f"Memory, {'SAM 2.1' if args.sam else 'embedded'}, {len(found.regions)} regions, MB",
        ["stage", "peak", "above the loaded process with the photograph"],
        [[name, f"{peak:.0f}", f"{peak - start:.0f}"] for name, peak in progress.peaks.items()],
    )


if __name__ == "__main__":
    main()
