"""What the services need from outside, as Protocols. Implementations live in models/ and adapters/."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from domain.arrays import Floats, Mask, Rgb
from domain.caption import Caption
from domain.depth import DepthMap
from domain.image import ImageRecord
from domain.index import Hit, IndexCounts, IndexedFile, IndexedPhoto, Scope
from domain.jobs import Job, JobOrder, JobState, JobStep, JobView
from domain.labels import Label
from domain.masks import Candidates, Embedding
from domain.model import ModelInfo, SegmenterDefaults, TextPrompting
from domain.prompt import Prompt
from domain.teaching import TaughtVocabulary
from domain.text import Reading
from tools.categorize.folder_types import Deed, Listing, PhotoFile
from tools.compare.classifier import LinearHead, NetworkFacts, Schedule, Targets

T = TypeVar("T")
R = TypeVar("R")
T_co = TypeVar("T_co", covariant=True)


class Segmenter(Protocol):
    """Proposes masks. Holds no request state: many threads share one."""

    @property
    def info(self) -> ModelInfo:
        """Name and hash."""

    @property
    def defaults(self) -> SegmenterDefaults:
        """Thresholds and batch size that suit it."""

    def encode(self, rgb: Rgb) -> Embedding:
        """The image, encoded once for any number of prompts."""

    def decode(
        self, embedding: Embedding, prompts: Sequence[Prompt], quality_threshold: float = 0.0
    ) -> Candidates:
        """Candidates of every prompt, the one to answer with first within a prompt.

        At least one a prompt; those whose quality is below `quality_threshold` may be left out, so that
        nothing is spent on them.
        """


class DualEncoder(Protocol):
    """Turns images and texts into unit vectors of one space. Holds no request state."""

    @property
    def info(self) -> ModelInfo:
        """Name and hash."""

    @property
    def prompting(self) -> TextPrompting:
        """Templates, default view and batch size that suit it."""

    @property
    def logit_scale(self) -> float:
        """A cosine times this is a logit."""

    @property
    def own_axes(self) -> int:
        """How many numbers at the end of each vector are for naming only and say nothing of what is shown."""

    def encode_images(self, crops: Sequence[Rgb]) -> Floats:
        """Unit vectors [N, D]; a crop's vector does not depend on the others."""

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """Unit vectors [N, D]; a text's vector does not depend on the others."""

    def reject_similarities(self, images: Floats) -> Floats:
        """Cosine [N] at which "none of these names" stands among the names, for each image vector [N, D]."""


@runtime_checkable
class RegionEncoder(Protocol):
    """A DualEncoder that can also look at the whole photograph once and read regions out of it."""

    def encode_regions(self, rgb: Rgb, masks: Sequence[Mask]) -> Floats:
        """Unit vectors [N, D] of the regions under `masks`, each bool [h, w] over the whole photograph."""


@runtime_checkable
class SceneEncoder(Protocol):
    """A DualEncoder that reads a crop better when it has seen the whole photograph."""

    def encode_scene(self, rgb: Rgb) -> Floats:
        """What the photograph shows, float32 [F], for `encode_crops`."""

    def encode_crops(self, crops: Sequence[Rgb], scene: Floats) -> Floats:
        """Unit vectors [N, D] of crops of that photograph; a crop's vector does not depend on the others."""

    def encode_twice(self, blurred: Sequence[Rgb], plain: Sequence[Rgb], scene: Floats) -> Floats:
        """Vectors [N, D] of regions of that photograph, each shown with blurred surroundings and as it is.

        They need not have unit length: how much the two looks agree is in it.
        """


class ModelProvider(Protocol[T_co]):
    """Gives a model that may still be loading, or may have failed to."""

    def get(self) -> T_co:
        """The loaded model.

        Raises:
            ModelUnavailable: It cannot be had; the message says what to do.
        """


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


class Sized(Protocol):
    """Something that knows its size in memory."""

    @property
    def nbytes(self) -> int:
        """Bytes held."""


S = TypeVar("S", bound=Sized)


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


class VectorStore(Protocol):
    """Keeps text vectors for longer than the process lives. A cache: it may forget, and never fails."""

    def get_many(self, model: str, template: str, texts: Sequence[str]) -> dict[str, Floats]:
        """The vectors [D] that are known, by text, of the model with that sha256 under that template."""

    def put_many(self, model: str, template: str, vectors: Mapping[str, Floats]) -> None:
        """Keep vectors [D] by text."""


class WorkerPool(Protocol):
    """Runs batches side by side."""

    @property
    def workers(self) -> int:
        """How many run at once."""

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Results in the order of `items`, each as soon as it and all before it are done."""


class DepthEstimator(Protocol):
    """Says how far each pixel is. Holds no request state: many threads share one."""

    @property
    def info(self) -> ModelInfo:
        """Name and hash."""

    def estimate(self, rgb: Rgb) -> DepthMap:
        """Depth [H, W] of each pixel of `rgb`."""


class PhotoFolder(Protocol):
    """A folder of photographs, and the folder they are sorted into. Overwrites nothing, loses no source."""

    def listing(self, recursive: bool) -> Listing:
        """What lies in the folder, and with `recursive` below it; links to folders are not followed."""

    def read(self, file: PhotoFile) -> bytes:
        """Its bytes.

        Raises:
            OSError: It cannot be read.
        """

    def taken(self, target: str) -> bool:
        """Whether something has the name `target`, a path from the second folder on."""

    def put(self, file: PhotoFile, target: str, deed: Deed) -> None:
        """Copy, move or link the file to `target`: afterwards all of it is there.

        Raises:
            FileExistsError: The name is taken.
            OSError: It cannot be done; the source is as it was.
        """

    def finish(self, file: PhotoFile, target: str, deed: Deed) -> bool:
        """Finish a `put` that may have been interrupted anywhere; False where it must be done anew."""


class SortingNotes(Protocol):
    """What one sorting of a folder notes down, so that an interrupted one can go on."""

    @property
    def keeps(self) -> bool:
        """Whether anything is kept at all."""

    def lines(self) -> Iterator[str]:
        """All lines noted so far, without their ends; of one that was cut off by a crash, nothing."""

    def add(self, line: str) -> None:
        """Note a line; it outlives this process from now on."""

    def put_thumbnail(self, key: str, jpeg: bytes) -> None:
        """Keep a small picture."""

    def thumbnail(self, key: str) -> bytes | None:
        """The small picture under `key`, a JPEG file; None where there is none."""

    def write(self, name: str, text: Iterable[str]) -> None:
        """Write a report, whole or not at all, in place of the one of that name."""


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

    def nearest(self, model: str, scope: Scope, vector: Floats, count: int) -> list[Hit]:
        """The `count` of highest cosine with `vector` float32 [D], unit length; the highest first."""

    def counts(self, model: str) -> IndexCounts:
        """How much is kept."""

    def oldest(self, count: int) -> list[str]:
        """file_ids of the photographs that were indexed longest ago, whatever the model."""


class IndexedFiles(Protocol):
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

    def add(self, order: JobOrder) -> Job:
        """Put a job at the end of the queue.

        Raises:
            Overloaded: The queue is full.
        """

    def get(self, job_id: str) -> Job:
        """The job.

        Raises:
            NotFound: Never submitted, expired or removed.
        """

    def view(self, job_id: str, answers: bool = True) -> JobView:
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

    def step(self, job: Job, step: JobStep) -> None:
        """Tell how far a claimed job is."""

    def put_item(self, job: Job, position: int, state: JobState, answer: str | None) -> None:
        """Keep what became of one photograph of a claimed job.

        Raises:
            StorageUnavailable: The answers of this job alone are more than may be kept.
        """

    def finish(self, job: Job, state: JobState, step: JobStep, error: str | None = None) -> None:
        """End a claimed job."""

    def hand_back(self, job: Job, last: bool = False) -> None:
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


class Captioner(Protocol):
    """Writes sentences about photographs. Holds no request state: many threads share it."""

    @property
    def info(self) -> ModelInfo:
        """Name and hash."""

    def caption(self, rgb: Rgb, count: int) -> list[Caption]:
        """The best sentence first; at least one, at most `count`."""


class TextReader(Protocol):
    """Finds lines of text and reads them. Holds no request state: many threads share one."""

    @property
    def info(self) -> ModelInfo:
        """Name and hash."""

    @property
    def right_to_left(self) -> bool:
        """Whether rows and columns of its script run so."""

    def detect(self, rgb: Rgb) -> Floats:
        """Lines float32 [N, 4, 2], in any order; corners clockwise, the image's top left one first."""

    def read(self, rgb: Rgb, quad: Floats) -> Reading:
        """What the line inside `quad` [4, 2] says; its first corner is the top left of the text."""


class PhotoClassifier(Protocol):
    """A trained network over a fixed list of classes."""

    def probabilities(self, images: Sequence[Rgb]) -> Floats:
        """Of the classes for each image, [N, C]."""


class ClassifierTrainer(Protocol):
    """A network that can be fitted to classes. Training leaves the network that it begins with as it was."""

    @property
    def facts(self) -> NetworkFacts:
        """What it is."""

    def features(self, images: Sequence[Rgb]) -> Floats:
        """What it sees, untrained: [N, F]; an image's features do not depend on the others."""

    def probe(self, features: Floats, targets: Targets, classes: int) -> LinearHead:
        """A linear classifier fitted to features [N, F]; the network itself stays as it is."""

    def fine_tune(
        self,
        images: Iterable[Rgb],
        targets: Targets,
        head: LinearHead,
        schedule: Schedule,
        report: Callable[[int, int], None],
    ) -> PhotoClassifier:
        """The whole network, trained on from its weights and from `head`.

        Args:
            images: N of them; each is read once.
            targets: Their classes.
            head: What the last layer begins with, as `probe` fits it.
            schedule: How long.
            report: Told of the steps done and the steps there are.
        """
