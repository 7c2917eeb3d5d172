"""Compares /analyze with its models alone, and measures other requests after it.

    python -m tools.benchmarks.analyze [--runs 12]

"Models alone" are the calls that one analysis makes to its models, repeated with the same arguments on the
same worker pool, with nothing around them. The service runs in a process of its own. For each photograph the
models are timed first, then the request on a new upload.
"""

import argparse
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

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
from tools.benchmarks.clock import seconds
from tools.benchmarks.photographs import SIZE, examples, jpeg, parse_size
from tools.benchmarks.server import Server, running
from tools.benchmarks.table import machine, show

ALLOWED_RATIO, ALLOWED_MS = 1.1, 200.0
"""The goal: /analyze takes at most so many times its models alone, and so many milliseconds."""

STAGES: Mapping[str, tuple[str, bool]] = {
    "encode": ("segmenter: image", False),
    "decode": ("segmenter: prompts", True),
    "encode_images": ("labeller: the image as a region", False),
    "encode_scene": ("labeller: image", False),
    "encode_two_views": ("labeller: regions", True),
    "estimate": ("depth", False),
    "detect": ("text: lines found", False),
    "read": ("text: lines read", True),
}
"""Methods of the models, each with its purpose, and whether the service calls it on the worker pool."""


@dataclass(frozen=True)
class Call:
    """One call of a method of a model.

    Attributes:
        model: The model.
        method: Name of the method.
        args: Positional arguments.
        options: Keyword arguments.
    """

    model: Any
    method: str
    args: tuple[Any, ...]
    options: dict[str, Any]

    def __call__(self) -> object:
        """Repeat the call."""
        return getattr(self.model, self.method)(*self.args, **self.options)


class RecordingModel:
    """A model that records the calls of the methods of STAGES.

    Args:
        model: The model that answers.
        calls: The list to which calls are appended.
    """

    def __init__(self, model: Any, calls: list[Call]) -> None:
        self._model = model
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._model, name)
        return self._recording(name, member) if name in STAGES else member

    def _recording(self, name: str, method: Any) -> Any:
        def recorded(*args: Any, **options: Any) -> Any:
            self._calls.append(Call(self._model, name, args, options))
            return method(*args, **options)

        return recorded


@dataclass(frozen=True)
class Stage:
    """The calls of one method that one analysis makes.

    Attributes:
        calls: Number of calls.
        seconds: Seconds of all of them.
    """

    calls: int
    seconds: float


class ModelsAlone:
    """Repeats the calls of the service to its models, without the service.

    Args:
        settings: Settings of the service.
    """

    def __init__(self, settings: Settings) -> None:
        self._calls: list[Call] = []
        self._pool = ThreadWorkerPool(settings.decode_workers)
        models = build_services(settings).models.by_job()
        recording = Models(**{job: self._recording(model) for job, model in models.items()})
        self._services = join_services(settings, recording)

    def _recording(self, model: LazyModel[Any]) -> LazyModel[Any]:
        return LazyModel(model.info, lambda: RecordingModel(model.get(), self._calls))

    def measure(self, photograph: bytes, key: str) -> dict[str, Stage]:
        """Return the calls of one analysis by their method.

        Args:
            photograph: An image file.
            key: Key of the image in the caches, different for each call.
        """
        self._calls.clear()
        analyze(self._services, photograph, key)
        return {method: self._repeated(method) for method in STAGES}

    def _repeated(self, method: str) -> Stage:
        calls = [call for call in self._calls if call.method == method]
        if STAGES[method][1]:
            return Stage(len(calls), seconds(lambda: list(self._pool.map(lambda call: call(), calls))))
        return Stage(len(calls), sum(seconds(call) for call in calls))


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
            models.measure(photographs[0], f"warm up {index}")
        for index in tqdm(range(args.runs), unit="photo"):
            photograph = photographs[index % len(photographs)]
            alone.append(models.measure(photograph, f"run {index}"))
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
