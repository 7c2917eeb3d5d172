"""How long /segment takes and how much memory, beside the time of the networks alone.

python -m tools.benchmarks.speed [--runs 20] [--masks 30]
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bootstrap import build_services
from config.settings import Settings
from models.runtime.onnx import OnnxGraph
from services.images.photo import Photo
from services.labels.confidence import LabelOptions
from services.masks.options import MaskOptions, PointGrid
from services.progress import Progress
from services.segment import SegmentOptions
from tools.benchmarks.photographs import examples, jpeg
from tools.benchmarks.server import Server, running
from tools.benchmarks.table import machine, show

SIZE = (640, 480)
LARGE = (4000, 3000)


def timed(call: Callable[[], object]) -> float:
    """Seconds one call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


@contextmanager
def network_time() -> Iterator[list[float]]:
    """Collects the seconds of every network call made inside."""
    spent: list[float] = []
    original = OnnxGraph.run

    def measured(graph: OnnxGraph, feeds: Any) -> Any:
        start = time.perf_counter()
        outputs = original(graph, feeds)
        spent.append(time.perf_counter() - start)
        return outputs

    OnnxGraph.run = measured  # type: ignore[method-assign]
    try:
        yield spent
    finally:
        OnnxGraph.run = original  # type: ignore[method-assign]


def networks_alone(photographs: list[bytes], runs: int, masks: int) -> list[float]:
    """Seconds that the networks take within a whole segmentation, for each run."""
    services = build_services(Settings())
    options = SegmentOptions(MaskOptions(PointGrid(), masks), LabelOptions(services.vocabularies.default))
    seconds = []
    for index in range(runs + 1):
        photo = Photo.of(services.images.read(photographs[index % len(photographs)]), f"run {index}")
        with network_time() as spent:
            services.segment.segment(photo, options, Progress())
        seconds.append(sum(spent))
    return seconds[1:]


def grid(server: Server, photographs: list[bytes], runs: int, masks: int) -> tuple[list[float], list[int]]:
    """Seconds of the first grid on a fresh upload, and how many regions came."""
    server.segment(server.upload(photographs[0]), max_masks=masks)
    seconds, counts = [], []
    for index in range(runs):
        file_id = server.upload(photographs[index % len(photographs)])
        start = time.perf_counter()
        counts.append(server.segment(file_id, max_masks=masks)["mask_count"])
        seconds.append(time.perf_counter() - start)
    return seconds, counts


def second_prompts(server: Server, photograph: bytes, runs: int) -> list[float]:
    """Seconds of another prompt on a photograph that is encoded already."""
    file_id = server.upload(photograph)
    server.segment(file_id)
    places = [{"x": 20 + 597 * index // runs, "y": 20 + 431 * index // runs} for index in range(runs)]
    return [
        timed(lambda point=place: server.segment(file_id, prompt_type="point", points=[point]))
        for place in places
    ]


def row(name: str, seconds: list[float], reference: float) -> list[str]:
    """A row of the table: median, 95th percentile, ratio."""
    median, ordered = statistics.median(seconds), sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return [name, f"{median * 1e3:.0f}", f"{p95 * 1e3:.0f}", f"{median / reference:.2f}"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--masks", type=int, default=30)
    parser.add_argument("--photo", type=Path, action="append", help="instead of the examples; repeatable")
    arguments = parser.parse_args()
    paths = arguments.photo or examples()
    small = [jpeg(path, *SIZE) for path in paths]
    alone = networks_alone(small, arguments.runs, arguments.masks)
    reference = statistics.median(alone)
    with running() as server:
        whole, counts = grid(server, small, arguments.runs, arguments.masks)
        again = second_prompts(server, small[0], arguments.runs)
        before = server.memory_mb("VmHWM")
    with running() as server:
        large = jpeg(paths[0], *LARGE)
        large_seconds = [timed(lambda: server.segment(server.upload(large))) for _ in range(3)]
        peak = server.memory_mb("VmHWM")
    print(machine())
    print(
        f"{len(paths)} photographs, {arguments.runs} runs, {statistics.mean(counts):.0f} regions on average"
    )
    show(
        "Speed over HTTP, milliseconds",
        ["what", "p50", "p95", "ratio to the networks alone"],
        [
            row("networks alone, grid 640x480", alone, reference),
            row("/segment grid 640x480, labelled, overlay", whole, reference),
            row("/segment point, second prompt", again, reference),
            row("/upload + /segment grid 4000x3000, 64 masks", large_seconds, reference),
        ],
    )
    show(
        "Peak memory of the process, MB",
        ["what", "MB"],
        [["640x480 photographs", f"{before:.0f}"], ["a 12-megapixel photograph, grid", f"{peak:.0f}"]],
    )


if __name__ == "__main__":
    main()
