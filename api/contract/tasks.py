"""Tasks: the work of an endpoint, run at once by a request or later by a job, without Flask."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel

from api.contract.common import Answer, answer_json
from api.contract.images import IMAGE_SOURCES, ImageFields, ImageRequest, RequestImage
from domain.jobs import JobSpec
from services.images.photo import Photo
from services.images.upload import ImageService
from services.jobs.execution import ExecuteTask, PublishPartial
from services.progress import Progress

NON_OPTION_FIELDS = {*IMAGE_SOURCES, "store", "run_async"}
"""Request fields that address images or choose how to run; all others configure the task."""

PublishAnswer = Callable[[Callable[[], Answer]], None]
"""A callback that takes a function which makes a partial answer, and calls it only if the answer is read."""

RunTask = Callable[[Sequence[RequestImage], Progress, PublishAnswer], Answer]
"""A task whose options are resolved: it takes images, the progress and the callback for partial answers."""

RequestT = TypeVar("RequestT", bound=ImageFields)
ImageRequestT = TypeVar("ImageRequestT", bound=ImageRequest)
OptionsT = TypeVar("OptionsT")
AnswerT = TypeVar("AnswerT", bound=Answer)


class TaskMetrics(Protocol):
    """Counts finished tasks."""

    def observe_task(self, timings_ms: Mapping[str, float], masks: int = 0, lines: int = 0) -> None:
        """Count one answer: its stages in milliseconds, its regions and its lines of text."""


class NoMetrics:
    """Counts nothing; for programs that serve no metrics."""

    def observe_task(self, timings_ms: Mapping[str, float], masks: int = 0, lines: int = 0) -> None:
        """Do nothing."""


class Task(ABC, Generic[RequestT, OptionsT, AnswerT]):
    """The work of one endpoint.

    Args:
        images: Stored images.
        metrics: Counts what was done.

    Attributes:
        name: Name in the job store and in the URL: POST /name and /name/batch.
        request_type: The body of POST /name; a job is read back into it.
    """

    name: ClassVar[str]
    request_type: ClassVar[type[ImageFields]]

    def __init__(self, images: ImageService, metrics: TaskMetrics) -> None:
        self._images = images
        self._metrics = metrics

    @abstractmethod
    def to_options(self, request: Any) -> OptionsT:
        """Resolve the options of a valid request, or of the same for many images.

        Raises:
            InvalidRequest: The options cannot be used, for example an unknown vocabulary.
        """

    @abstractmethod
    def check(self, request: RequestT, image: RequestImage) -> None:
        """Refuse a request about one stored image before it is queued.

        Raises:
            NotFound: The image is not stored.
            InvalidRequest: The options cannot be used, for this image or at all.
        """

    @abstractmethod
    def run(
        self,
        request: RequestT,
        options: OptionsT,
        images: Sequence[RequestImage],
        progress: Progress,
        publish: PublishAnswer,
    ) -> AnswerT:
        """Do the work; partial answers go to `publish`."""

    def prepare(self, request: RequestT) -> RunTask:
        """Resolve the options now and return the work, to be run once there is room for it.

        Raises:
            InvalidRequest: The options cannot be used.
        """
        return partial(self.run, request, self.to_options(request))

    def job(self, request: BaseModel, file_ids: Sequence[str], batch: bool) -> JobSpec:
        """Return the job that does the work of a checked request."""
        options = request.model_dump_json(exclude_unset=True, exclude=NON_OPTION_FIELDS)
        return JobSpec(self.name, tuple(file_ids), options, batch)

    def execute(self, file_id: str, options: str, progress: Progress, publish: PublishPartial) -> str:
        """Run a job for one image and return the answer as JSON.

        The options were checked when the job was submitted. They are resolved now, so that the name of a
        taught vocabulary means its newest version at the time of the work.

        Args:
            file_id: The image.
            options: JSON of the request without its image.
            progress: Progress of the job.
            publish: Takes a function that makes the JSON of a partial answer.
        """
        stored = json.dumps({**json.loads(options), "file_id": file_id})
        request: Any = self.request_type.model_validate_json(stored)
        images = [RequestImage.uploaded(self._images, file_id)]
        answer = self.prepare(request)(images, progress, lambda make: publish(lambda: answer_json(make())))
        return answer_json(answer)


class ImageTask(Task[ImageRequestT, OptionsT, AnswerT]):
    """A task about one image."""

    @abstractmethod
    def answer_of(
        self,
        photo: Photo,
        request: ImageRequestT,
        options: OptionsT,
        progress: Progress,
        publish: PublishAnswer,
    ) -> AnswerT:
        """Return the answer for the image; its timings are filled in afterwards."""

    def check_image(self, photo: Photo, options: OptionsT) -> None:
        """Refuse options that do not fit the image; by default all of them fit.

        Raises:
            InvalidRequest: The options do not fit.
        """

    def check(self, request: ImageRequestT, image: RequestImage) -> None:
        """Refuse a missing image, then options that cannot be used."""
        photo = image.open()
        self.check_image(photo, self.to_options(request))

    def count(self, answer: AnswerT) -> None:
        """Count a finished answer."""
        self._metrics.observe_task(answer.timings_ms)

    def run(
        self,
        request: ImageRequestT,
        options: OptionsT,
        images: Sequence[RequestImage],
        progress: Progress,
        publish: PublishAnswer,
    ) -> AnswerT:
        """Load the image, do the work, count it."""
        (image,) = images
        with progress.stage("load"):
            photo = image.open()
        answer = self.answer_of(photo, request, options, progress, publish)
        answer.timings_ms = progress.timings_ms
        self.count(answer)
        return answer


def task_executors(tasks: Iterable[Task[Any, Any, Any]]) -> Mapping[str, ExecuteTask]:
    """Return the function that a job runner calls for each kind of job."""
    return {task.name: task.execute for task in tasks}
