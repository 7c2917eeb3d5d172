"""What /analyze costs beside its models alone, and what other requests cost after it.

    python -m tools.benchmarks.analyze [--runs 12]

"Models alone": every call that one analysis makes to its models, made again with the same arguments and on
the same worker pool, with nothing around them. The service runs in a process of its own; for each photograph
the models are timed first and then the request on a fresh upload.
"""

import argparse
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm import tqdm

from adapters.threads import ThreadWorkerPool
from bootstrap import Models, Services, build_services, join_services
from config.settings import Settings
from models.provider import LazyModel
from services.analyze.service import AnalyzeOptions
from services.images.photo import Photo
from services.labels.confidence import LabelOptions
from services.masks.options import DEFAULT_MAX_MASKS, MaskOptions, PointGrid
from services.progress import Progress
from services.segment import SegmentOptions
from tools.benchmarks.photographs import examples, jpeg
from tools.benchmarks.server import Server, running
from tools.benchmarks.table import machine, show

SIZE = (640, 480)
ALLOWED_RATIO, ALLOWED_MS = 1.1, 200.0

STAGES: Mapping[str, tuple[str, bool]] = {
    "encode": ("segmenter: photograph", False),
    "decode": ("segmenter: prompts", True),
    "encode_images": ("labeller: the whole as a region", False),
    "encode_scene": ("labeller: photograph", False),
    "encode_twice": ("labeller: regions", True),
    "estimate": ("depth", False),
    "detect": ("text: lines found", False),
    "read": ("text: lines read", True),
}
"""What a method of a port does, and whether the service calls it on the worker pool."""


@dataclass(frozen=True)
class Call:
    """One call of a model's method."""

    model: Any
    method: str
    arguments: tuple[Any, ...]
    named: dict[str, Any]

    def __call__(self) -> object:
        """Make it again."""
        return getattr(self.model, self.method)(*self.arguments, **self.named)


class Taped:
    """A model that notes how it is called."""

    def __init__(self, model: Any, tape: list[Call]) -> None:
        self._model = model
        self._tape = tape

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._model, name)
        return self._noting(name, found) if name in STAGES else found

    def _noting(self, name: str, method: Any) -> Any:
        def noted(*arguments: Any, **named: Any) -> Any:
            self._tape.append(Call(self._model, name, arguments, named))
            return method(*arguments, **named)

        return noted


class Bare:
    """The models of the service, without it.

    Args:
        settings: Of the service.
    """

    def __init__(self, settings: Settings) -> None:
        self._tape: list[Call] = []
        self._pool = ThreadWorkerPool(settings.decode_workers)
        models = build_services(settings).models.by_job()
        self._services = join_services(
            settings, Models(**{job: self._taped(model) for job, model in models.items()})
        )

    def _taped(self, model: LazyModel[Any]) -> LazyModel[Any]:
        return LazyModel(model.info, lambda: Taped(model.get(), self._tape))

    def seconds(self, photograph: bytes, key: str) -> dict[str, float]:
        """Seconds that the calls of one analysis take, by method."""
        self._tape.clear()
        analyze(self._services, photograph, key)
        return {method: self._replay(method) for method in STAGES}

    def _replay(self, method: str) -> float:
        calls = [call for call in self._tape if call.method == method]
        start = time.perf_counter()
        if STAGES[method][1]:
            list(self._pool.map(lambda call: call(), calls))
        else:
            for call in calls:
                call()
        return time.perf_counter() - start


def analyze(services: Services, photograph: bytes, key: str) -> None:
    """What POST /analyze does with its defaults."""
    naming = LabelOptions(services.vocabularies.default)
    options = AnalyzeOptions(SegmentOptions(MaskOptions(PointGrid(), DEFAULT_MAX_MASKS), naming))
    services.scene.analyze(Photo.of(services.images.read(photograph), key), options, Progress())


def requests(server: Server, photograph: bytes) -> Iterator[float]:
    """Seconds of /analyze on a fresh upload, then of it again, /segment and /segment with other names."""
    file_id = server.upload(photograph)
    for path, options in (
        ("analyze", {}),
        ("analyze", {}),
        ("segment", {}),
        ("segment", {"labels": ["cup", "cat", "person"]}),
    ):
        start = time.perf_counter()
        server.post(path, file_id=file_id, **options)
        yield time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=12)
    arguments = parser.parse_args()
    photographs = [jpeg(path, *SIZE) for path in examples()]
    bare, alone, served = Bare(Settings()), [], []
    with running() as server:
        server.post("analyze", file_id=server.upload(photographs[0]))
        bare.seconds(photographs[0], "warm")
        for index in tqdm(range(arguments.runs), unit="photo"):
            photograph = photographs[index % len(photographs)]
            alone.append(bare.seconds(photograph, f"run {index}"))
            served.append([*requests(server, photograph)])
    print(machine())
    _report(alone, served)


def _report(alone: list[dict[str, float]], served: list[list[float]]) -> None:
    totals = [sum(stages.values()) for stages in alone]
    models_ms = statistics.median(totals) * 1e3
    rows = [
        (STAGES[method][0], statistics.median(stages[method] for stages in alone) * 1e3) for method in STAGES
    ]
    names = ("/analyze, fresh upload", "/analyze again", "/segment after it", "/segment, other names")
    rows += [("all models alone", models_ms)]
    rows += [
        (name, float(np.median(times)) * 1e3)
        for name, times in zip(names, zip(*served, strict=True), strict=True)
    ]
    show(
        f"/analyze, {SIZE[0]}x{SIZE[1]}, {len(alone)} requests, medians",
        ["what", "ms", "of all models"],
        [[name, f"{ms:.0f}", f"{ms / models_ms:.2f}"] for name, ms in rows],
    )
    over = statistics.median(
        one[0] * 1e3 - ALLOWED_RATIO * total * 1e3 for one, total in zip(served, totals, strict=True)
    )
    print(f"\n/analyze - {ALLOWED_RATIO} x its models alone: {over:.0f} ms (goal: at most {ALLOWED_MS:.0f})")


if __name__ == "__main__":
    main()
