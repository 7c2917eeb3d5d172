"""The work that can be done in the background, by kind; a request that waits for it does the same work."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from api.contract.common import Answer
from api.http.replies import json_of
from domain.jobs import JobOrder
from services.images.photo import Photo
from services.images.upload import ImageService
from services.jobs.execution import Execute, Share
from services.progress import Progress

Offer = Callable[[Callable[[], Answer]], None]
"""Called with what makes a first answer before the whole one is there."""

Work = Callable[[Progress, Offer], Answer]
"""Does what one body asks for."""

A = TypeVar("A", bound=Answer)

OWN_FIELDS = {"file_id", "file_ids", "in_background"}
"""Of a body, what is no option of the work."""


@dataclass(frozen=True)
class JobKind:
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
    prepare: Callable[[Any], Work]
    check: Callable[[Any], object]

    def order(self, body: BaseModel, file_ids: Sequence[str], batch: bool) -> JobOrder:
        """The job that does what `body` asks for.

        Raises:
            ServiceError: The options cannot be used.
        """
        options = body.model_dump_json(exclude_unset=True, exclude=OWN_FIELDS)
        self._work(file_ids[0], options)
        return JobOrder(self.name, tuple(file_ids), options, batch)

    def execute(self, file_id: str, options: str, progress: Progress, share: Share) -> str:
        """Do the work of a job for one photograph; the answer as JSON."""
        answer = self._work(file_id, options)(progress, lambda make: share(lambda: json_of(make())))
        return json_of(answer)

    def _work(self, file_id: str, options: str) -> Work:
        body = {**json.loads(options), "file_id": file_id}
        return self.prepare(self.body.model_validate_json(json.dumps(body)))


def executions(kinds: Sequence[JobKind]) -> Mapping[str, Execute]:
    """What a runner does for each kind."""
    return {kind.name: kind.execute for kind in kinds}


def unheard(_make: Callable[[], Answer]) -> None:
    """The offer of requests that wait for the whole answer."""


def on_photo(
    images: ImageService,
    file_id: str,
    answer: Callable[[Photo, Progress, Offer], A],
    note: Callable[[A], object],
) -> Work:
    """Work on one stored photograph: found and timed here, answered by `answer`, counted by `note`."""

    def work(progress: Progress, offer: Offer) -> A:
        with progress.stage("load"):
            photo = images.photo(file_id)
        answered = answer(photo, progress, offer)
        answered.timings_ms = progress.timings_ms
        note(answered)
        return answered

    return work
