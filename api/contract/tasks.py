"""The work that can be done in the background, by kind; a request that waits for it does the same work."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from api.contract.common import Answer, answer_json
from domain.jobs import JobSpec
from services.images.photo import Photo
from services.images.upload import ImageService
from services.jobs.execution import ExecuteTask, PublishPartial
from services.progress import Progress

OfferPartial = Callable[[Callable[[], Answer]], None]
"""Called with what makes a first answer before the whole one is there."""

TaskRun = Callable[[Progress, OfferPartial], Answer]
"""Does what one body asks for."""

AnswerT = TypeVar("AnswerT", bound=Answer)

NON_OPTION_FIELDS = {"file_id", "file_ids", "in_background"}
"""Of a body, what is no option of the work."""


@dataclass(frozen=True)
class TaskKind:
    """One kind of work.

    Attributes:
        name: In the job store, and the path: POST /name and /name/batch.
        summary: What it does, for the documentation.
        body: Schema of POST /name.
        batch: Schema of POST /name/batch: the same with `file_ids`.
        answer: Schema of its answer.
        prepare: The work that a valid body asks for; refuses options that cannot be used.
        check: Refuses at once what a valid body asks for and cannot be had, e.g. a file_id that is not there.
    """

    name: str
    summary: str
    body: type[BaseModel]
    batch: type[BaseModel]
    answer: type[Answer]
    prepare: Callable[[Any], TaskRun]
    check: Callable[[Any], object]

    def order(self, body: BaseModel, file_ids: Sequence[str], batch: bool) -> JobSpec:
        """The job that does what `body` asks for.

        Raises:
            ServiceError: The options cannot be used.
        """
        options = body.model_dump_json(exclude_unset=True, exclude=NON_OPTION_FIELDS)
        self._work(file_ids[0], options)
        return JobSpec(self.name, tuple(file_ids), options, batch)

    def execute(self, file_id: str, options: str, progress: Progress, share: PublishPartial) -> str:
        """Do the work of a job for one photograph; the answer as JSON."""
        answer = self._work(file_id, options)(progress, lambda make: share(lambda: answer_json(make())))
        return answer_json(answer)

    def _work(self, file_id: str, options: str) -> TaskRun:
        body = {**json.loads(options), "file_id": file_id}
        return self.prepare(self.body.model_validate_json(json.dumps(body)))


def task_executors(kinds: Sequence[TaskKind]) -> Mapping[str, ExecuteTask]:
    """What a runner does for each kind."""
    return {kind.name: kind.execute for kind in kinds}


def ignore_partial(_make: Callable[[], Answer]) -> None:
    """The offer of requests that wait for the whole answer."""


def image_task(
    images: ImageService,
    file_id: str,
    answer: Callable[[Photo, Progress, OfferPartial], AnswerT],
    note: Callable[[AnswerT], object],
) -> TaskRun:
    """Work on one stored photograph: found and timed here, answered by `answer`, counted by `note`."""

    def work(progress: Progress, offer: OfferPartial) -> AnswerT:
        with progress.stage("load"):
            photo = images.photo(file_id)
        answered = answer(photo, progress, offer)
        answered.timings_ms = progress.timings_ms
        note(answered)
        return answered

    return work
