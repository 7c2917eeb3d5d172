"""What a caller teaches: names with words and examples."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from domain.arrays import Floats
from domain.errors import InvalidRequest, NotFound, ReservedName, ServiceError
from domain.labels import (
    MAX_EXAMPLES,
    MAX_LABELS,
    MAX_VOCABULARY_EXAMPLES,
    MAX_VOCABULARY_TEXTS,
    Label,
    TaughtVocabulary,
    Vocabulary,
)
from domain.masks import Prompt
from domain.ports.models import DualEncoder, ModelProvider
from domain.ports.stores import VocabularyStore
from services.images.upload import ImageService
from services.labels.examples import ExampleVectors
from services.labels.vectors import VocabularyEncoder
from services.labels.views import CROP_VIEWS
from services.masks.find import MaskFinder
from services.masks.options import MaskOptions
from services.progress import Progress
from services.teaching.example_images import encode_example, example_file, image_digest
from services.vocabularies.library import Vocabularies, split_version
from services.vocabularies.parse import checked_label


@dataclass(frozen=True)
class StoredExample:
    """A photograph as an example, or the region of it that points or a box mean."""

    file_id: str
    region: Prompt | None = None


@dataclass(frozen=True)
class FileExample:
    """An image file as an example, read when its turn comes.

    Attributes:
        name: What messages call it.
        read: Gives its bytes, or raises a ServiceError.
    """

    name: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class TaughtLabel:
    """One name, and what shows it.

    Attributes:
        label: The name with its prompts and aliases.
        examples: Photographs that the service has, and image files.
    """

    label: Label
    examples: tuple[StoredExample | FileExample, ...] = ()


def check_taught_labels(taught_labels: Sequence[TaughtLabel]) -> None:
    """Nothing, for lessons that make a vocabulary.

    Raises:
        InvalidRequest: A name cannot be a label or comes twice, or there are too many of something.
    """
    names = [checked_label(taught_label.label.name) for taught_label in taught_labels]
    if not 1 <= len(names) <= MAX_LABELS:
        raise InvalidRequest(f"labels: expected 1 to {MAX_LABELS:,} names, got {len(names):,}")
    if repeated := sorted(name for name, count in Counter(names).items() if count > 1):
        raise InvalidRequest(f"labels: expected each name once, got several times: {', '.join(repeated)}")
    _check_texts(taught_labels)
    _check_examples(taught_labels)


def _check_texts(taught_labels: Sequence[TaughtLabel]) -> None:
    texts = sum(len(taught_label.label.texts) for taught_label in taught_labels)
    if texts > MAX_VOCABULARY_TEXTS:
        raise InvalidRequest(
            f"labels: expected at most {MAX_VOCABULARY_TEXTS:,} prompts (or names without any) and aliases "
            f"in all, got {texts:,}"
        )


def _check_examples(taught_labels: Sequence[TaughtLabel]) -> None:
    for taught_label in taught_labels:
        if len(taught_label.examples) > MAX_EXAMPLES:
            raise InvalidRequest(
                f"labels: expected at most {MAX_EXAMPLES} examples of a name, "
                f"got {len(taught_label.examples):,} "
                f"of {taught_label.label.name!r}"
            )
    total = sum(len(taught_label.examples) for taught_label in taught_labels)
    if total > MAX_VOCABULARY_EXAMPLES:
        raise InvalidRequest(
            f"labels: expected at most {MAX_VOCABULARY_EXAMPLES:,} examples in all, got {total:,}"
        )


VOCABULARY_NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class TeachingService:
    """Keeps taught vocabularies. Holds no request state: many threads share it.

    Args:
        images: Where example photographs are.
        finder: Finds the regions that are meant.
        labeller: Says how it wants regions shown.
        texts: Fits the head.
        vocabularies: Those that come with the service, which are not to be changed.
        store: Keeps the others.
        examples: Looks at the examples.
    """

    def __init__(
        self,
        images: ImageService,
        finder: MaskFinder,
        labeller: ModelProvider[DualEncoder],
        texts: VocabularyEncoder,
        vocabularies: Vocabularies,
        store: VocabularyStore,
        examples: ExampleVectors,
    ) -> None:
        self._images = images
        self._finder = finder
        self._labeller = labeller
        self._vocabulary_encoder = texts
        self._vocabularies = vocabularies
        self._store = store
        self._examples = examples

    def create(self, name: str, taught_labels: Sequence[TaughtLabel], progress: Progress) -> TaughtVocabulary:
        """Keep the next version of `name`: durable when this returns, and ready for use in this process.

        All that can fail comes before the version is kept, and what is cheap to check before all else.

        Raises:
            InvalidRequest: A name or a region cannot be used, or there are too many of something.
            MalformedRequest, TooLarge, UnsupportedMedia, InvalidImage: An image file is none.
            ModelUnavailable: There are examples and no labeller, or regions and no segmenter.
            NotFound: An example photograph is not there.
            ReservedName: A vocabulary of that name comes with the service.
            StorageUnavailable, TooLarge: It cannot be kept.
        """
        self._check_name(name)
        check_taught_labels(taught_labels)
        encoder = (
            self._labeller.get() if any(taught_label.examples for taught_label in taught_labels) else None
        )
        pictures: dict[str, bytes] = {}
        labels = [self._label(taught_label, encoder, pictures, progress) for taught_label in taught_labels]
        example_vectors: dict[str, Floats] = {}
        if encoder is not None:
            with progress.stage("classify"):
                example_vectors = self._examples.encode(pictures, encoder, progress.check)
                vocabulary = self._vocabularies.with_english_prompts(Vocabulary(name, tuple(labels)))
                self._vocabulary_encoder.of(vocabulary, encoder, progress.check, example_vectors)
        with progress.stage("store"):
            taught = self._store.put(name, labels, pictures)
            if encoder is not None:
                self._examples.keep(example_vectors, encoder)
        return taught

    def latest(self) -> list[TaughtVocabulary]:
        """The newest version of every taught vocabulary, ordered by name.

        Raises:
            StorageUnavailable: As every method does, when the store cannot be used now.
        """
        return self._store.latest()

    def get(self, name: str, version: int | None = None) -> tuple[TaughtVocabulary | None, Vocabulary]:
        """A vocabulary by name, and how it was taught; None for one that comes with the service.

        Raises:
            NotFound: There is none, or not in that version.
        """
        if name in self._vocabularies.built_in and version is None:
            return None, self._vocabularies.get(name)
        taught = self._store.get(name, version) if version else self._store.get(*split_version(name))
        if taught is None:
            raise self._not_found(name, version)
        return taught, taught.vocabulary

    def versions(self, name: str) -> list[int]:
        """Numbers of the versions that are kept, ascending."""
        return self._store.versions(name)

    def pictures(self, vocabulary: Vocabulary) -> Mapping[str, bytes]:
        """The image files of its examples by sha256."""
        digests = [digest for label in vocabulary.labels for digest in label.examples]
        return self._store.pictures(digests)

    def remove(self, name: str) -> None:
        """Forget all versions of a vocabulary.

        Raises:
            NotFound: There is none.
            ReservedName: It comes with the service.
        """
        if name in self._vocabularies.built_in:
            raise _reserved(name, "deleted")
        if not self._store.remove(name):
            raise self._not_found(name, None)

    def _check_name(self, name: str) -> None:
        if name in self._vocabularies.built_in:
            raise _reserved(name, "changed")
        if not VOCABULARY_NAME_PATTERN.fullmatch(name):
            raise InvalidRequest(
                "name: expected 1 to 64 letters, digits, `_`, `-` or `.`, the first a letter or digit, "
                f"got {name[:80]!r}"
            )

    def _label(
        self,
        taught_label: TaughtLabel,
        encoder: DualEncoder | None,
        pictures: dict[str, bytes],
        progress: Progress,
    ) -> Label:
        """The label with its examples, whose files are added to `pictures`."""
        digests: dict[str, None] = {}
        for example in taught_label.examples:
            progress.check()
            file = (
                self._stored_example(example, encoder, progress)
                if isinstance(example, StoredExample)
                else self._file_example(example, progress)
            )
            pictures[image_digest(file)] = file
            digests[image_digest(file)] = None
        label = taught_label.label
        return Label(label.name, label.prompts, label.aliases, examples=tuple(digests))

    def _file_example(self, sent: FileExample, progress: Progress) -> bytes:
        """What is kept of an image file."""
        with progress.stage("load"):
            try:
                data = sent.read()
                return example_file(self._images.read(data), data)
            except ServiceError as error:
                raise type(error)(f"{sent.name}: {error.message}", error.details) from error

    def _stored_example(self, shown: StoredExample, encoder: DualEncoder | None, progress: Progress) -> bytes:
        """What is kept of a photograph or of a region of it, in the view that suits the labeller."""
        with progress.stage("load"):
            photo = self._images.photo(shown.file_id)
        if shown.region is None or encoder is None:
            return encode_example(photo.rgb(progress))
        (region, *_) = self._finder.find(photo, MaskOptions(shown.region, max_masks=1), progress).regions
        show = CROP_VIEWS.get(encoder.prompting.view, CROP_VIEWS["blur"])
        return encode_example(show(photo.rgb(progress), region))

    def _not_found(self, name: str, version: int | None) -> NotFound:
        names = self._vocabularies.names
        which = f"{name[:80]!r}" + ("" if version is None else f" in version {version}")
        expected = f"expected a vocabulary, one of {', '.join(names)}"
        return NotFound(f"{expected}; got {which}", {"vocabularies": names})


def _reserved(name: str, action: str) -> ReservedName:
    return ReservedName(
        f"expected a name of your own, got {name!r}, which comes with the service and cannot be {action}",
        {"name": name},
    )
