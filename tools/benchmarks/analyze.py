"""Compares /analyze with its models alone, and measures other requests after it.

    python -m tools.benchmarks.analyze [--runs 12]

"Models alone" are the calls that one analysis makes to its models, repeated with the same arguments on the
same worker pool, with nothing around them. The service runs in a process of its own. For each photograph the
models are timed first, then the request on a new upload.
"""

import argparse
import statistics
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bootstrap import Services
from config.settings import Settings
from services.analyze.service import AnalyzeOptions
from services.images.photo import Photo
from services.labels.confidence import LabelOptions
from services.masks.options import DEFAULT_MAX_MASKS, MaskOptions, PointGrid
from services.progress import Progress
from services.segment import SegmentOptions
from tools.benchmarks.clock import seconds
from tools.benchmarks.models_alone import STAGES, ModelsAlone, Stage
from tools.benchmarks.photographs import SIZE, examples, jpeg, parse_size
from tools.benchmarks.server import Server, running
from tools.benchmarks.table import machine, show

ALLOWED_RATIO, ALLOWED_MS = 1.1, 200.0
"""The goal: /analyze takes at most so many times its models alone, and so many milliseconds."""


def analyze(services: Services, photograph: bytes, key: str) -> None:
    """Do what POST /analyze does with its defaults."""
    labels = LabelOptions(services.vocabularies.default)
    options = AnalyzeOptions(SegmentOptions(MaskOptions(PointGrid(), DEFAULT_MAX_MASKS), labels))
    services.analyze.analyze(Photo.of(services.images.read(photograph), key), options, Progress())


REQUESTS: Sequence[tuple[str, str, dict[str, Any]]] = (
    ("/analyze, new upload", "analyze", {}),
    ("/analyze again", "analyze", {}),
    ("/segment after it", "segment", {}),
    ("/segment, other labels", "segment", {"labels": ["cup", "cat", "person"]}),
)
"""The requests that are made of each upload, with title, path and options."""


def requests(server: Server, photograph: bytes) -> Iterator[float]:
    """Upload a photograph and yield the seconds of each of the REQUESTS."""
    file_id = server.upload(photograph)
    for _, path, options in REQUESTS:
        yield seconds(partial(server.post, path, file_id=file_id, **options))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=12, help="number of requests")
    parser.add_argument("--warm-up", type=int, default=1, help="number of requests before them")
    parser.add_argument("--photo", type=Path, action="append", help="instead of the examples; repeatable")
    parser.add_argument("--size", type=parse_size, default=SIZE, help="width and height, e.g. 640x480")
    args = parser.parse_args()
    photographs = [jpeg(path, *args.size) for path in args.photo or examples()]
    models, alone, served = ModelsAlone(Settings()), [], []
    with running() as server:
        for index in range(args.warm_up):
            server.post("analyze", file_id=server.upload(photographs[0]))
            models.measure(partial(analyze, photograph=photographs[0], key=f"warm up {index}"))
        for index in tqdm(range(args.runs), unit="photo"):
            photograph = photographs[index % len(photographs)]
            alone.append(models.measure(partial(analyze, photograph=photograph, key=f"run {index}")))
            served.append([*requests(server, photograph)])
    print(machine())
    width, height = args.size
    _report(f"/analyze, {width}x{height}, {len(alone)} requests, medians", alone, served)


def _report(title: str, alone: Sequence[Mapping[str, Stage]], served: Sequence[Sequence[float]]) -> None:
    totals = [sum(stage.seconds for stage in stages.values()) for stages in alone]
    models_ms = statistics.median(totals) * 1e3
    rows: list[tuple[str, object, float]] = []
    for method, (purpose, _) in STAGES.items():
        stages = [each[method] for each in alone]
        calls = statistics.median(stage.calls for stage in stages)
        rows.append((purpose, f"{calls:.0f}", statistics.median(stage.seconds for stage in stages) * 1e3))
    times = [statistics.median(column) * 1e3 for column in zip(*served, strict=True)]
    requested = [(request, "", ms) for (request, *_), ms in zip(REQUESTS, times, strict=True)]
    show(
        title,
        ["what", "calls", "ms", "of all models"],
        [
            [what, calls, f"{ms:.0f}", f"{ms / models_ms:.2f}"]
            for what, calls, ms in [*rows, ("all models alone", "", models_ms), *requested]
        ],
    )
    over = statistics.median(
        one[0] * 1e3 - ALLOWED_RATIO * total * 1e3 for one, total in zip(served, totals, strict=True)
    )
    print(f"\n/analyze - {ALLOWED_RATIO} x its models alone: {over:.0f} ms (goal: at most {ALLOWED_MS:.0f})")


if __name__ == "__main__":
    main()
