"""Measures time and memory of /segment, and compares the time with that of the networks alone.

python -m tools.benchmarks.speed [--runs 20] [--masks 30]
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bootstrap import build_services
from config.settings import Settings
from models.runtime.onnx import OnnxGraph
from services.images.photo import Photo
from services.labels.confidence import LabelOptions
from services.masks.options import MaskOptions, PointGrid
from services.progress import Progress
from services.segment import SegmentOptions
from tools.benchmarks.clock import clocked, seconds
from tools.benchmarks.photographs import SIZE, examples, jpeg, parse_size
from tools.benchmarks.server import Server, running
from tools.benchmarks.table import machine, show

LARGE_SIZE = (4000, 3000)
"""Width and height of the large photograph in pixels."""

LARGE_RUNS = 3
"""Largest number of runs on the large photograph."""


def networks_alone(photographs: Sequence[bytes], runs: int, masks: int) -> list[float]:
    """Return the seconds that the networks take within a whole segmentation, for each run."""
    services = build_services(Settings())
    options = SegmentOptions(MaskOptions(PointGrid(), masks), LabelOptions(services.vocabularies.default))
    times = []
    for index in range(runs + 1):
        photo = Photo.of(services.images.read(photographs[index % len(photographs)]), f"run {index}")
        with clocked(OnnxGraph, "run") as spent:
            services.segment.segment(photo, options, Progress())
        times.append(sum(spent))
    return times[1:]


def grid(
    server: Server, photographs: Sequence[bytes], runs: int, masks: int
) -> tuple[list[float], list[int]]:
    """Return the seconds of the first grid on a new upload, and the number of its regions, for each run."""
    server.segment(server.upload(photographs[0]), max_masks=masks)
    times, counts = [], []
    for index in range(runs):
        file_id = server.upload(photographs[index % len(photographs)])
        start = time.perf_counter()
        counts.append(server.segment(file_id, max_masks=masks)["mask_count"])
        times.append(time.perf_counter() - start)
    return times, counts


def second_prompts(server: Server, photograph: bytes, size: tuple[int, int], runs: int) -> list[float]:
    """Return the seconds of different points on a photograph of that size that is encoded already."""
    file_id = server.upload(photograph)
    server.segment(file_id)
    right, bottom = size[0] - 43, size[1] - 49
    points = [{"x": 20 + right * index // runs, "y": 20 + bottom * index // runs} for index in range(runs)]
    return [
        seconds(partial(server.segment, file_id, prompt_type="point", points=[point])) for point in points
    ]


def row(name: str, times: Sequence[float], reference: float) -> list[str]:
    """Return a row of the table: median and 95th percentile in ms, and the median over the reference."""
    median, ordered = statistics.median(times), sorted(times)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return [name, f"{median * 1e3:.0f}", f"{p95 * 1e3:.0f}", f"{median / reference:.2f}"]


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="number of runs of each row")
    parser.add_argument("--masks", type=int, default=30, help="largest number of masks")
    parser.add_argument("--photo", type=Path, action="append", help="instead of the examples; repeatable")
    parser.add_argument("--size", type=parse_size, default=SIZE, help="width and height, e.g. 640x480")
    parser.add_argument("--large-size", type=parse_size, default=LARGE_SIZE, help="of the large photograph")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    args = arguments()
    paths = args.photo or examples()
    size, large_size = ("{}x{}".format(*each) for each in (args.size, args.large_size))
    small, large = [jpeg(path, *args.size) for path in paths], jpeg(paths[0], *args.large_size)
    alone = networks_alone(small, args.runs, args.masks)
    with running() as server:
        whole, counts = grid(server, small, args.runs, args.masks)
        again = second_prompts(server, small[0], args.size, args.runs)
        peak = server.memory_mb("VmHWM")
    with running() as server:
        upload = [
            seconds(lambda: server.segment(server.upload(large))) for _ in range(min(LARGE_RUNS, args.runs))
        ]
        large_peak = server.memory_mb("VmHWM")
    print(machine())
    print(f"{len(paths)} photographs, {args.runs} runs, {statistics.mean(counts):.0f} regions on average")
    rows = {
        f"networks alone, grid {size}": alone,
        f"/segment grid {size}, labelled, overlay": whole,
        "/segment point, second prompt": again,
        f"/upload + /segment grid {large_size}, 64 masks": upload,
    }
    show(
        "Speed over HTTP, milliseconds",
        ["what", "p50", "p95", "ratio to the networks alone"],
        [row(name, times, statistics.median(alone)) for name, times in rows.items()],
    )
    show(
        "Peak memory of the process, MB",
        ["what", "MB"],
        [[f"{size} photographs", f"{peak:.0f}"], [f"a {large_size} photograph, grid", f"{large_peak:.0f}"]],
    )


if __name__ == "__main__":
    main()
