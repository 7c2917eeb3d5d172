"""Ports of the stores. Their implementations are in adapters/."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from domain.arrays import Floats
from domain.image import ImageRecord
from domain.index import IndexCounts, IndexedFile, IndexedPhoto, SearchHit, SearchScope
from domain.jobs import Job, JobProgress, JobSnapshot, JobSpec, JobState
from domain.labels import Label, TaughtVocabulary


class ImageStore(Protocol):
    """Keeps uploaded images under random ids."""

    def put(self, record: ImageRecord, data: bytes) -> None:
        """Store a record and its bytes atomically: both, or nothing, are there afterwards."""

    def get(self, file_id: str) -> ImageRecord:
        """Return the record.

        Raises:
            NotFound: The image was never stored, or it has expired.
        """

    def read(self, file_id: str) -> bytes:
        """Return the uploaded bytes.

        Raises:
            NotFound: The image was never stored, or it has expired.
        """

    def remove(self, file_id: str) -> None:
        """Delete the record and its bytes, if they are there."""


class SizedInBytes(Protocol):
    """Value that knows its size in memory."""

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""


S = TypeVar("S", bound=SizedInBytes)


class Cache(Protocol):
    """Cache bounded by bytes and shared by threads; a missing key is computed once for all threads."""

    def get_or_compute(
        self, key: Hashable, compute: Callable[[], S], check: Callable[[], None] = lambda: None
    ) -> S:
        """Return the value under `key`, computed now if it is not there.

        Args:
            key: Everything that the value depends on.
            compute: Computes the value.
            check: Called repeatedly while another thread computes the value; raises to stop waiting.
        """


class TextVectorStore(Protocol):
    """Keeps text vectors beyond the life of the process. As a cache it may lose vectors, but never fails."""

    def get_many(self, model: str, template: str, texts: Sequence[str]) -> dict[str, Floats]:
        """Return the known vectors [D] by text, of the model with that sha256 under that template."""

    def put_many(self, model: str, template: str, vectors: Mapping[str, Floats]) -> None:
        """Keep vectors [D] by text."""


class VectorIndex(Protocol):
    """Keeps the vectors of images and finds the nearest ones, for all threads and processes.

    A model is identified by its sha256; vectors of two models are never compared.
    """

    def put(self, model: str, file_id: str, photo: IndexedPhoto) -> None:
        """Store an image in place of its earlier record of the same model; records of other models stay.

        The record outlives the process when this returns.

        Raises:
            StorageUnavailable: The store cannot be used now; every method may raise it.
        """

    def remove(self, file_id: str) -> bool:
        """Delete an image, whatever model it was indexed with, and return whether it was there."""

    def find(self, model: str, file_id: str) -> IndexedPhoto | None:
        """Return the record of an image, or None."""

    def nearest(self, model: str, scope: SearchScope, vector: Floats, count: int) -> list[SearchHit]:
        """Return the `count` entries nearest to the unit vector `vector`, float32 [D], best first.

        Entries of equal similarity are in the order of indexing.
        """

    def counts(self, model: str) -> IndexCounts:
        """Return the numbers of images and regions."""

    def oldest(self, count: int) -> list[str]:
        """Return the file_ids of the records that were written longest ago, oldest first.

        An image that was indexed with two models comes twice; indexing it again makes it the newest.
        """


class IndexedFileStore(Protocol):
    """Keeps the stored image that was made from each file on the disk, for all processes.

    Every method raises StorageUnavailable when the store cannot be used now.
    """

    def get(self, path: str) -> IndexedFile | None:
        """Return the record of the file, or None."""

    def claim(self, file: IndexedFile) -> IndexedFile:
        """Return the record of a path from now on: `file` if there was none, else the earlier one.

        Concurrent claims of a path all get the same record. `regions` is always that of `file`. The record is
        durable when this returns.
        """

    def update(self, file: IndexedFile) -> bool:
        """Update the record of a claimed file; return False if its path has another file_id by now."""

    def remove(self, file: IndexedFile) -> None:
        """Delete a file's record unless its path has another file_id by now."""

    def inside(self, folder: str) -> list[IndexedFile]:
        """Return the files anywhere inside a folder, ordered by path."""

    def paths(self, file_ids: Sequence[str]) -> dict[str, str]:
        """Return paths by file_id, for the ids that are known."""


class VocabularyStore(Protocol):
    """Keeps vocabularies that callers taught, with their examples, for all threads and processes.

    Every method raises StorageUnavailable when the store cannot be used now.
    """

    def put(
        self, name: str, labels: Sequence[Label], images: Mapping[str, bytes], lang: str | None = None
    ) -> TaughtVocabulary:
        """Store the next version of `name`; it outlives the process when this returns.

        Args:
            name: Name of the vocabulary, without a version.
            labels: Labels with the sha256 of their examples.
            images: Image files of these examples by sha256.
            lang: Code of the language in which the labels are written; None where none was given.

        Raises:
            TooLarge: All vocabularies together would exceed the limit.
        """

    def get(self, name: str, version: int | None = None) -> TaughtVocabulary | None:
        """Return that version, else the newest one, or None."""

    def latest(self) -> list[TaughtVocabulary]:
        """Return the newest version of every vocabulary, ordered by name."""

    def versions(self, name: str) -> list[int]:
        """Return the numbers of the stored versions, ascending."""

    def remove(self, name: str) -> bool:
        """Delete all versions, and examples that no other vocabulary has; return whether there was one."""

    def example_images(self, digests: Sequence[str]) -> dict[str, bytes]:
        """Return the image files of examples by sha256, for those that are stored."""

    def vectors(self, model: str, digests: Sequence[str]) -> dict[str, Floats]:
        """Return the vectors [D] of examples by sha256, for those that the model with that sha256 encoded."""

    def put_vectors(self, model: str, vectors: Mapping[str, Floats]) -> None:
        """Store vectors [D] of examples by the sha256 of the examples."""


class JobStore(Protocol):
    """Keeps jobs for all processes of the service. Every method is atomic.

    A process can change a job only while it holds the claim: after a cancellation, a removal or the end of
    the lease its changes are ignored, so that no two processes write one job.
    """

    def add(self, order: JobSpec) -> Job:
        """Add a job at the end of the queue.

        Raises:
            Overloaded: The queue is full.
        """

    def get(self, job_id: str) -> Job:
        """Return the job.

        Raises:
            NotFound: The job was never submitted, has expired or was removed.
        """

    def view(self, job_id: str, answers: bool = True) -> JobSnapshot:
        """Return the job with its images, their errors and, where `answers` is true, a single job's answer.

        The answers of a batch may be many megabytes: `answer` reads them one at a time.

        Raises:
            NotFound: The job was never submitted, has expired or was removed.
        """

    def answer(self, job_id: str, position: int) -> str | None:
        """Return the answer for one image of a job; None if there is none, or no such job."""

    def waiting(self) -> bool:
        """Return whether a job is queued; this is cheap."""

    def claim(self) -> Job | None:
        """Return the job that has waited longest, now claimed by the caller, or None."""

    def holds(self, job: Job) -> bool:
        """Return whether the claim of `job` is still valid."""

    def step(self, job: Job, step: JobProgress) -> None:
        """Store the progress of a claimed job."""

    def put_item(self, job: Job, position: int, state: JobState, answer: str | None) -> None:
        """Store the state and answer of one image of a claimed job.

        Raises:
            StorageUnavailable: The answers of unfinished jobs alone exceed the limit.
        """

    def finish(self, job: Job, state: JobState, step: JobProgress, error: str | None = None) -> None:
        """Store the final state of a claimed job."""

    def release(self, job: Job, last: bool = False) -> None:
        """Queue a claimed job again, in its old place or behind all others; this does not count as a loss."""

    def cancel(self, job_id: str) -> Job:
        """Cancel a job unless it is finished, and return it.

        Raises:
            NotFound: The job was never submitted, has expired or was removed.
        """

    def remove(self, job_id: str) -> None:
        """Delete a finished job."""

    def renew(self, jobs: Iterable[Job]) -> None:
        """Renew the leases of `jobs`; queue jobs whose lease has ended again, and delete expired jobs."""
