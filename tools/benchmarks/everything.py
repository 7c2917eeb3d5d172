"""Compares this service with Meta's SAM2AutomaticMaskGenerator on every object of a photograph.

Both use the same random weights, which cost what trained ones cost, on the same photograph in the same
process, one after the other. Both networks do all their work. Then both pipelines continue with the same
recorded logits and predicted IoUs, because those of random weights are nearly all alike.

python -m tools.benchmarks.everything [--architecture sam2.1_hiera_t] [--runs 3] [--photo FILE]
"""

import argparse
import logging
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sam2.automatic_mask_generator import SAM2AutomaticMaskGenerator

from adapters.memory_cache import ByteBudgetCache
from adapters.threads import ThreadDecoder, ThreadWorkerPool
from config.settings import Settings
from domain.arrays import Rgb
from domain.models import ModelInfo
from models.provider import LazyModel
from models.runtime.torch import choose_device
from models.sam2.export import export_sam2
from models.sam2.network import Sam2Network
from models.sam2.onnx import OnnxSam2
from models.sam2.segmenter import Sam2Segmenter
from models.sam2.torch import TorchSam2, build_sam2_model
from services.images.decode import decode_image
from services.images.photo import Photo
from services.masks.find import MaskFinder
from services.masks.options import MaskOptions, PointGrid
from services.progress import Progress
from tools.benchmarks.clock import clocked
from tools.benchmarks.photographs import SIZE, examples, jpeg
from tools.benchmarks.recorded import RecordedNetwork, Recording, record, recorded_decoder
from tools.benchmarks.table import machine, show

INFO = ModelInfo("random weights", "0" * 64)
"""Name and hash of the model."""

MANY_MASKS = 1000
"""Largest number of masks of the service, which is never reached."""

THRESHOLDS = {"default": ("Meta's default thresholds", None), "off": ("Thresholds off", 0.0)}
"""Titles and values of the quality and stability thresholds; None is each pipeline's default."""


@dataclass(frozen=True)
class Figures:
    """The figures of one run of a pipeline.

    Attributes:
        total: Seconds of the run.
        encode: Seconds of the image encoder.
        decoder: Seconds of the mask decoder; with the service also those of its filters.
        rest: Seconds of everything else.
        masks: Number of masks.
    """

    total: float
    encode: float
    decoder: float
    rest: float
    masks: float


@dataclass(frozen=True)
class Measurement:
    """The way in which both pipelines are measured.

    Attributes:
        rgb: The image, uint8 [H, W, 3].
        recording: The answers of the networks.
        points_per_side: Side of the grid in points.
        runs: Number of runs whose medians are reported.
        warm_up: Number of runs before them.
    """

    rgb: Rgb
    recording: Recording
    points_per_side: int
    runs: int
    warm_up: int

    def medians(self, run: Callable[[], Figures]) -> Figures:
        """Return the median of each figure."""
        results = [astuple(run()) for _ in range(self.warm_up + self.runs)][self.warm_up :]
        return Figures(*(statistics.median(column) for column in zip(*results, strict=True)))


def run_generator(model: Any, rgb: Rgb, points_per_side: int, thresholds: Mapping[str, float]) -> Figures:
    """Run Meta's generator once."""
    generator = SAM2AutomaticMaskGenerator(model, points_per_side=points_per_side, **thresholds)
    start = time.perf_counter()
    with (
        clocked(generator.predictor, "set_image") as encode,
        clocked(model.sam_mask_decoder, "forward") as decode,
    ):
        masks = generator.generate(rgb)
    total, encoder, decoder = time.perf_counter() - start, sum(encode), sum(decode)
    return Figures(total, encoder, decoder, total - encoder - decoder, len(masks))


def run_service(network: Sam2Network, rgb: Rgb, options: MaskOptions, workers: int) -> Figures:
    """Run the pipeline of this service once."""
    segmenter = LazyModel(INFO, lambda: Sam2Segmenter(INFO, network))
    pool = ThreadWorkerPool(workers)
    decoder = ThreadDecoder(segmenter, pool)
    finder = MaskFinder(segmenter, decoder, pool, ByteBudgetCache(0), ByteBudgetCache(0))
    progress = Progress()
    start = time.perf_counter()
    found = finder.find(Photo.of(rgb, "photograph"), options, progress)
    total = time.perf_counter() - start
    encode, decode = (progress.timings_ms[stage] / 1e3 for stage in ("encode", "decode"))
    return Figures(total, encode, decode, total - encode - decode, len(found.regions))


def compare(
    model: Any, networks: Mapping[str, Sam2Network], threshold: float | None, measurement: Measurement
) -> Iterator[list[object]]:
    """Yield a row for Meta's generator, and one for the service in each runtime and with each grid.

    Args:
        model: Meta's model.
        networks: The same model by its runtime.
        threshold: Quality and stability threshold; None is each pipeline's default.
        measurement: The way in which both are measured.
    """
    given = {} if threshold is None else {"pred_iou_thresh": threshold, "stability_score_thresh": threshold}
    rgb, recording, side = measurement.rgb, measurement.recording, measurement.points_per_side

    def reference() -> Figures:
        with recorded_decoder(model.sam_mask_decoder, recording):
            return run_generator(model, rgb, side, given)

    baseline = measurement.medians(reference)
    yield row("SAM2AutomaticMaskGenerator", baseline, baseline)
    for adaptive in (False, True):
        grid, pixels = PointGrid(side, adaptive), rgb.shape[0] * rgb.shape[1]
        options = MaskOptions(grid, MANY_MASKS, threshold, threshold, min_area=0, max_area=pixels)
        for runtime, network in networks.items():
            recorded = RecordedNetwork(network, recording, side)
            figures = measurement.medians(partial(run_service, recorded, rgb, options, workers(runtime)))
            yield row(f"this service, {runtime}{', adaptive grid' if adaptive else ''}", figures, baseline)


def workers(runtime: str) -> int:
    """Return the number of threads that decode; torch spreads each call over all cores itself."""
    return 1 if runtime == "torch" else Settings().decode_workers


def row(name: str, figures: Figures, baseline: Figures) -> list[object]:
    """Return a row of the table: seconds by stage, masks, and the baseline's time over that of this one."""
    seconds = [f"{value:.2f}" for value in (figures.total, figures.encode, figures.decoder, figures.rest)]
    return [name, *seconds, int(figures.masks), f"{baseline.total / figures.total:.1f}"]


def networks_of(model: Any, device: torch.device, folder: Path) -> dict[str, Sam2Network]:
    """Return the network in torch and, on a processor, as ONNX graphs that are written into the folder."""
    networks: dict[str, Sam2Network] = {"torch": TorchSam2(model)}
    if device.type == "cpu":
        export_sam2(model, folder)
        networks["onnx"] = OnnxSam2.load(folder, Settings().model_threads)
    return networks


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--architecture", default="sam2.1_hiera_t", help="name of a configuration of Meta's")
    parser.add_argument("--runs", type=int, default=3, help="number of runs whose medians are printed")
    parser.add_argument("--warm-up", type=int, default=1, help="number of runs before them")
    parser.add_argument("--points-per-side", type=int, default=16, help="points of the grid")
    parser.add_argument("--thresholds", nargs="+", choices=THRESHOLDS, default=list(THRESHOLDS))
    parser.add_argument("--photo", type=Path, default=examples()[0])
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    args = arguments()
    logging.getLogger().setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message="`torch.jit.script` is deprecated")
    torch.set_num_threads(Settings().model_threads)
    torch.manual_seed(0)
    device = choose_device("auto")
    model = build_sam2_model(args.architecture, None, device)
    rgb, side = np.ascontiguousarray(decode_image(jpeg(args.photo, *SIZE))), args.points_per_side
    measurement = Measurement(rgb, record(rgb, side), side, args.runs, args.warm_up)
    good = (measurement.recording.ious > 0.8).mean()
    print(machine())
    print(f"{args.architecture} on {device}, {SIZE[0]}x{SIZE[1]}, {side}x{side} points,")
    print(f"median of {args.runs}; {good:.0%} of the recorded masks have a predicted IoU above 0.8")
    head = ["what", "seconds", "encode", "decoder", "rest", "masks", "times quicker"]
    with tempfile.TemporaryDirectory() as folder:
        networks = networks_of(model, device, Path(folder))
        for title, threshold in (THRESHOLDS[name] for name in args.thresholds):
            show(title, head, list(compare(model, networks, threshold, measurement)))


if __name__ == "__main__":
    main()
