"""Repeats the calls of the service to its models with nothing around them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.threads import ThreadWorkerPool
from bootstrap import Models, Services, build_services, join_services
from config.settings import Settings
from models.provider import LazyModel
from tools.benchmarks.clock import seconds

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
    """The calls of one method that a piece of work makes.

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

    def measure(self, work: Callable[[Services], object]) -> dict[str, Stage]:
        """Return the calls of a piece of work by their method; what is cached is not called."""
        self._calls.clear()
        work(self._services)
        return {method: self._repeated(method) for method in STAGES}

    def _repeated(self, method: str) -> Stage:
        calls = [call for call in self._calls if call.method == method]
        if STAGES[method][1]:
            return Stage(len(calls), seconds(lambda: list(self._pool.map(lambda call: call(), calls))))
        return Stage(len(calls), sum(seconds(call) for call in calls))
