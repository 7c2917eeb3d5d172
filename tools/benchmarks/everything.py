"""Every object of a photograph: this service against Meta's SAM2AutomaticMaskGenerator, side by side.

Same weights (random: they cost what trained ones cost), same photograph, same process, one run after another.
Both networks do all their work, then both pipelines go on with the same recorded logits and predicted IoUs,
because random ones look all alike.

python -m tools.benchmarks.everything [--architecture sam2.1_hiera_t] [--runs 3] [--photo FILE]
"""

import argparse
import logging
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sam2.automatic_mask_generator import SAM2AutomaticMaskGenerator

from adapters.memory_cache import ByteBudgetCache
from adapters.threads import ThreadWorkerPool
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
from tools.benchmarks.photographs import examples, jpeg
from tools.benchmarks.recorded import RecordedNetwork, Recording, record, recorded_decoder
from tools.benchmarks.table import machine, show

SIZE = (640, 480)
POINTS_PER_SIDE = 16
INFO = ModelInfo("random weights", "0" * 64)
WORKERS = {"torch": 1, "onnx": Settings().decode_workers}
"""torch spreads each call over all cores itself."""


@contextmanager
def clocked(owner: Any, name: str, spent: dict[str, float]) -> Iterator[None]:
    """Adds the seconds of every call of a method to `spent`."""
    original = getattr(owner, name)

    def measured(*arguments: Any, **options: Any) -> Any:
        start = time.perf_counter()
        try:
            return original(*arguments, **options)
        finally:
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - start

    setattr(owner, name, measured)
    try:
        yield
    finally:
        setattr(owner, name, original)


def meta(model: Any, rgb: Rgb, thresholds: dict[str, float]) -> dict[str, float]:
    """Seconds of one run of Meta's generator by stage, and its masks."""
    generator = SAM2AutomaticMaskGenerator(model, points_per_side=POINTS_PER_SIDE, **thresholds)
    spent: dict[str, float] = {}
    start = time.perf_counter()
    with clocked(generator.predictor, "set_image", spent), clocked(model.sam_mask_decoder, "forward", spent):
        masks = generator.generate(rgb)
    total = time.perf_counter() - start
    encode, network = spent["set_image"], spent["forward"]
    return {
        "total": total,
        "encode": encode,
        "decoder": network,
        "rest": total - encode - network,
        "masks": len(masks),
    }


def ours(network: Sam2Network, rgb: Rgb, options: MaskOptions, workers: int) -> dict[str, float]:
    """Seconds of one run of this service's pipeline by stage, and its masks."""
    segmenter = LazyModel(INFO, lambda: Sam2Segmenter(INFO, network))
    finder = MaskFinder(segmenter, ThreadWorkerPool(workers), ByteBudgetCache(0), ByteBudgetCache(0))
    progress = Progress()
    start = time.perf_counter()
    with_masks = finder.find(Photo.of(rgb, "photograph"), options, progress)
    total, stages = time.perf_counter() - start, progress.timings_ms
    seconds = {name: stages[name] / 1e3 for name in ("encode", "decode", "refine")}
    return {
        "total": total,
        "encode": seconds["encode"],
        "decoder": seconds["decode"],
        "rest": total - seconds["encode"] - seconds["decode"],
        "masks": len(with_masks.regions),
    }


def median(run: Callable[[], dict[str, float]], runs: int) -> dict[str, float]:
    """The median of each figure over `runs`, after one run that is not counted."""
    run()
    results = [run() for _ in range(runs)]
    return {name: statistics.median(result[name] for result in results) for name in results[0]}


def compare(
    model: Any,
    networks: dict[str, Sam2Network],
    rgb: Rgb,
    recording: Recording,
    threshold: float | None,
    runs: int,
) -> Iterator[list[object]]:
    """A row for Meta's generator, and for ours in each runtime; `threshold` None is each one's default."""
    off = {} if threshold is None else {"pred_iou_thresh": threshold, "stability_score_thresh": threshold}

    def reference() -> dict[str, float]:
        with recorded_decoder(model.sam_mask_decoder, recording):
            return meta(model, rgb, off)

    baseline = median(reference, runs)
    yield row("SAM2AutomaticMaskGenerator", baseline, baseline)
    for adaptive in (False, True):
        grid, pixels = PointGrid(POINTS_PER_SIDE, adaptive), rgb.shape[0] * rgb.shape[1]
        options = MaskOptions(grid, 1000, threshold, threshold, min_area=0, max_area=pixels)
        for name, network in networks.items():
            fed = RecordedNetwork(network, recording, POINTS_PER_SIDE)
            figures = median(partial(ours, fed, rgb, options, WORKERS[name]), runs)
            yield row(f"this service, {name}{', adaptive grid' if adaptive else ''}", figures, baseline)


def row(name: str, figures: dict[str, float], baseline: dict[str, float]) -> list[object]:
    """Seconds by stage, masks, and how many times quicker than the baseline."""
    seconds = [f"{figures[stage]:.2f}" for stage in ("total", "encode", "decoder", "rest")]
    return [name, *seconds, int(figures["masks"]), f"{baseline['total'] / figures['total']:.1f}"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--architecture", default="sam2.1_hiera_t")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--photo", type=Path, default=examples()[0])
    arguments = parser.parse_args()
    logging.disable(logging.INFO)
    warnings.filterwarnings("ignore", message="`torch.jit.script` is deprecated")
    torch.set_num_threads(Settings().model_threads)
    torch.manual_seed(0)
    device = choose_device("auto")
    model = build_sam2_model(arguments.architecture, None, device)
    networks: dict[str, Sam2Network] = {"torch": TorchSam2(model)}
    with tempfile.TemporaryDirectory() as folder:
        if device.type == "cpu":
            export_sam2(model, Path(folder))
            networks["onnx"] = OnnxSam2.load(Path(folder), Settings().model_threads)
        rgb = np.ascontiguousarray(decode_image(jpeg(arguments.photo, *SIZE)))
        recording = record(rgb, POINTS_PER_SIDE)
        head = ["what", "seconds", "encode", "decoder", "rest", "masks", "times quicker"]
        side, good = POINTS_PER_SIDE, (recording.ious > 0.8).mean()
        print(machine())
        print(f"{arguments.architecture} on {device}, {SIZE[0]}x{SIZE[1]}, {side}x{side} points,")
        print(f"median of {arguments.runs}; {good:.0%} of the recorded masks predict an IoU above 0.8")
        for title, threshold in (("Meta's default thresholds", None), ("Thresholds off", 0.0)):
            rows = compare(model, networks, rgb, recording, threshold, arguments.runs)
            show(title, head, list(rows))


if __name__ == "__main__":
    main()
