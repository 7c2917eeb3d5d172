"""What the services need from outside, as Protocols. Implementations live in models/ and adapters/."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from domain.arrays import Floats
from domain.image import ImageRecord
from domain.index import IndexCounts, IndexedFile, IndexedPhoto, SearchHit, SearchScope
from domain.jobs import Job, JobProgress, JobSnapshot, JobSpec, JobState
from domain.labels import Label, TaughtVocabulary

T = TypeVar("T")

R = TypeVar("R")


class ImageStore(Protocol):
    """Keeps uploaded files under random names."""

    def put(self, record: ImageRecord, data: bytes) -> None:
        """Store atomically: afterwards the record and all its bytes are there, or nothing is."""

    def get(self, file_id: str) -> ImageRecord:
        """The record.

        Raises:
            NotFound: Never stored, or expired.
        """

    def read(self, file_id: str) -> bytes:
        """The uploaded bytes.

        Raises:
            NotFound: Never stored, or expired.
        """

    def remove(self, file_id: str) -> None:
        """Delete the record and its bytes; what is not there is no error."""


class SizedInBytes(Protocol):
    """Something that knows its size in memory."""

    @property
    def nbytes(self) -> int:
        """Bytes held."""


S = TypeVar("S", bound=SizedInBytes)


class Cache(Protocol):
    """Bounded by bytes, shared by threads; computes a missing key once however many ask for it."""

    def get_or_compute(
        self, key: Hashable, compute: Callable[[], S], check: Callable[[], None] = lambda: None
    ) -> S:
        """The value under `key`, computed now if it is not there.

        Args:
            key: What the value depends on.
            compute: Makes the value.
            check: Asked again and again while another thread computes it; raises to give up.
        """


class TextVectorStore(Protocol):
    """Keeps text vectors for longer than the process lives. A cache: it may forget, and never fails."""

    def get_many(self, model: str, template: str, texts: Sequence[str]) -> dict[str, Floats]:
        """The vectors [D] that are known, by text, of the model with that sha256 under that template."""

    def put_many(self, model: str, template: str, vectors: Mapping[str, Floats]) -> None:
        """Keep vectors [D] by text."""


class VectorIndex(Protocol):
    """Keeps what the labeller saw of photographs, and finds what is near. Shared by threads and processes.

    A model is named by its sha256; vectors of two models are never compared.
    """

    def put(self, model: str, file_id: str, photo: IndexedPhoto) -> None:
        """Keep a photograph in place of what was known of it; it outlives the process when this returns.

        Raises:
            StorageUnavailable: As every method does, when nothing can be kept or read now.
        """

    def remove(self, file_id: str) -> bool:
        """Forget a photograph, whatever model it was indexed with; whether it was known."""

    def find(self, model: str, file_id: str) -> IndexedPhoto | None:
        """What is kept of a photograph; None where nothing is."""

    def nearest(self, model: str, scope: SearchScope, vector: Floats, count: int) -> list[SearchHit]:
        """The `count` of highest cosine with `vector` float32 [D], unit length; the highest first."""

    def counts(self, model: str) -> IndexCounts:
        """How much is kept."""

    def oldest(self, count: int) -> list[str]:
        """file_ids of the photographs that were indexed longest ago, whatever the model."""


class IndexedFileStore(Protocol):
    """Remembers which stored photograph a file on the disk is. Shared by processes.

    Every method raises StorageUnavailable when nothing can be kept or read now.
    """

    def get(self, path: str) -> IndexedFile | None:
        """What is known of the file; None where nothing is."""

    def claim(self, file: IndexedFile) -> IndexedFile:
        """What its path is from now on: `file` where nothing was known of it, else what was known.

        Of those who claim a path at once all get the same. `regions` is as in `file` in any case. Durable
        when this returns.
        """

    def update(self, file: IndexedFile) -> bool:
        """Remember a claimed file as it is now; False, with nothing done, where its path is another one."""

    def remove(self, file: IndexedFile) -> None:
        """Forget a file; nothing is done where its path is another one by now."""

    def inside(self, folder: str) -> list[IndexedFile]:
        """Those anywhere in a folder, ordered by path."""

    def paths(self, file_ids: Sequence[str]) -> dict[str, str]:
        """Paths by file_id, of those that are known."""


class VocabularyStore(Protocol):
    """Keeps vocabularies that callers taught, with their examples. Shared by threads and processes.

    Every method raises StorageUnavailable when nothing can be kept or read now.
    """

    def put(self, name: str, labels: Sequence[Label], pictures: Mapping[str, bytes]) -> TaughtVocabulary:
        """Keep the next version of `name`; it outlives the process when this returns.

        Args:
            name: Of the vocabulary.
            labels: With examples named by sha256.
            pictures: The image files of those examples by sha256.

        Raises:
            TooLarge: Everything together would be more than may be kept.
        """

    def get(self, name: str, version: int | None = None) -> TaughtVocabulary | None:
        """That version, or the newest; None where there is none."""

    def latest(self) -> list[TaughtVocabulary]:
        """The newest version of every vocabulary, ordered by name."""

    def versions(self, name: str) -> list[int]:
        """Numbers of the versions that are kept, ascending."""

    def remove(self, name: str) -> bool:
        """Forget all versions, and examples that no other vocabulary has; whether there was one."""

    def pictures(self, digests: Sequence[str]) -> dict[str, bytes]:
        """Image files of examples by sha256, of those that are kept."""

    def vectors(self, model: str, digests: Sequence[str]) -> dict[str, Floats]:
        """What the model with that sha256 saw in examples: vectors [D] of those that are known."""

    def put_vectors(self, model: str, vectors: Mapping[str, Floats]) -> None:
        """Keep vectors [D] of examples, by the examples' sha256."""


class JobStore(Protocol):
    """Keeps jobs for all processes of the service. Every method is atomic.

    What a process says of a job counts only while its claim does: after a cancellation, a removal or the end
    of the lease it is not heard, so that no two processes write one job.
    """

    def add(self, order: JobSpec) -> Job:
        """Put a job at the end of the queue.

        Raises:
            Overloaded: The queue is full.
        """

    def get(self, job_id: str) -> Job:
        """The job.

        Raises:
            NotFound: Never submitted, expired or removed.
        """

    def view(self, job_id: str, answers: bool = True) -> JobSnapshot:
        """The job with its photographs; where `answers` is false, of what they answered only the errors.

        Raises:
            NotFound: Never submitted, expired or removed.
        """

    def answer(self, job_id: str, position: int) -> str | None:
        """What one photograph of a job was answered; None where nothing was, or the job is not there."""

    def waiting(self) -> bool:
        """Whether a job is queued; cheap."""

    def claim(self) -> Job | None:
        """The job that has waited longest, running from now on for the caller; None where none waits."""

    def holds(self, job: Job) -> bool:
        """Whether the claim of `job` counts still."""

    def step(self, job: Job, step: JobProgress) -> None:
        """Tell how far a claimed job is."""

    def put_item(self, job: Job, position: int, state: JobState, answer: str | None) -> None:
        """Keep what became of one photograph of a claimed job.

        Raises:
            StorageUnavailable: The answers of this job alone are more than may be kept.
        """

    def finish(self, job: Job, state: JobState, step: JobProgress, error: str | None = None) -> None:
        """End a claimed job."""

    def release(self, job: Job, last: bool = False) -> None:
        """Queue a claimed job again, in its old place or behind all others; that is no loss."""

    def cancel(self, job_id: str) -> Job:
        """The job, cancelled now unless it was finished already.

        Raises:
            NotFound: Never submitted, expired or removed.
        """

    def remove(self, job_id: str) -> None:
        """Forget a finished job."""

    def renew(self, jobs: Iterable[Job]) -> None:
        """Say that the caller still runs `jobs`; queue what others lost again, and forget what is old."""
