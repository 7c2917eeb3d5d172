"""Teach vocabularies: check the labels, keep their examples and fit the few-shot head."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

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
    label_key,
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
from services.vocabularies.parse import checked_label, checked_text


@dataclass(frozen=True)
class StoredExample:
    """An uploaded image as an example, or the region of it at points or in a box."""

    file_id: str
    region: Prompt | None = None


@dataclass(frozen=True)
class FileExample:
    """An image file as an example, read lazily.

    Attributes:
        name: The name of the file in error messages.
        read: Returns the bytes, or raises a ServiceError.
    """

    name: str
    read: Callable[[], bytes]


Example = StoredExample | FileExample


@dataclass(frozen=True)
class TaughtLabel:
    """A label with its examples.

    Attributes:
        label: The label with its prompts and aliases.
        examples: Uploaded images and image files that show the label.
    """

    label: Label
    examples: tuple[Example, ...] = ()


def checked_taught_labels(taught_labels: Iterable[TaughtLabel]) -> list[TaughtLabel]:
    """Return the labels with trimmed texts, in the order in which they were sent.

    Raises:
        InvalidRequest: A text cannot be used, or there are too many labels, texts or examples.
    """
    checked = [replace(taught, label=_checked_texts(taught.label)) for taught in taught_labels]
    if not 1 <= len(checked) <= MAX_LABELS:
        raise InvalidRequest(f"labels: expected 1 to {MAX_LABELS:,} labels, got {len(checked):,}")
    _check_texts(checked)
    return checked


def _checked_texts(label: Label) -> Label:
    return replace(
        label,
        name=checked_label(label.name),
        prompts=tuple(checked_text(text, "prompts") for text in label.prompts),
        aliases=tuple(checked_text(text, "aliases") for text in label.aliases),
    )


def _examples_by_label(taught_labels: Sequence[TaughtLabel]) -> dict[str, list[Example]]:
    """Return the examples by label; those of equal labels stand under the first of them."""
    first: dict[str, str] = {}
    found: dict[str, list[Example]] = {}
    for taught in taught_labels:
        name = first.setdefault(label_key(taught.label.name), taught.label.name)
        found.setdefault(name, []).extend(taught.examples)
    return found


def _check_texts(taught_labels: Sequence[TaughtLabel]) -> None:
    texts = sum(len(taught_label.label.texts) for taught_label in taught_labels)
    if texts > MAX_VOCABULARY_TEXTS:
        raise InvalidRequest(
            f"labels: expected at most {MAX_VOCABULARY_TEXTS:,} prompts (or labels without prompts) and "
            f"aliases in all, got {texts:,}"
        )


def _check_examples(examples: Mapping[str, Sequence[Example]]) -> None:
    for name, some in examples.items():
        if len(some) > MAX_EXAMPLES:
            raise InvalidRequest(
                f"labels: expected at most {MAX_EXAMPLES} examples of a label, got {len(some):,} of {name!r}"
            )
    total = sum(map(len, examples.values()))
    if total > MAX_VOCABULARY_EXAMPLES:
        raise InvalidRequest(
            f"labels: expected at most {MAX_VOCABULARY_EXAMPLES:,} examples in all, got {total:,}"
        )


VOCABULARY_NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class TeachingService:
    """Manages taught vocabularies. It is stateless and shared by threads.

    Args:
        images: Provides uploaded images and decodes files.
        finder: Finds the regions of examples.
        labeller: The model for which examples are prepared.
        vocabulary_encoder: Fits the few-shot head.
        vocabularies: The built-in vocabularies, which are read-only.
        store: Keeps taught vocabularies and their examples.
        examples: Encodes examples.
    """

    def __init__(
        self,
        *,
        images: ImageService,
        finder: MaskFinder,
        labeller: ModelProvider[DualEncoder],
        vocabulary_encoder: VocabularyEncoder,
        vocabularies: Vocabularies,
        store: VocabularyStore,
        examples: ExampleVectors,
    ) -> None:
        self._images = images
        self._finder = finder
        self._labeller = labeller
        self._vocabulary_encoder = vocabulary_encoder
        self._vocabularies = vocabularies
        self._store = store
        self._examples = examples

    def create(
        self,
        name: str,
        taught_labels: Sequence[TaughtLabel],
        progress: Progress,
        labels_lang: str | None = None,
    ) -> TaughtVocabulary:
        """Store the next version of the vocabulary `name`, durable when this returns and fitted already.

        Everything that can fail happens before the version is stored, and cheap checks come first. Equal
        labels become one with the words and the examples of all; `merged` of the vocabulary says so.

        Args:
            name: Name of the vocabulary, without a version.
            taught_labels: The labels with their examples.
            progress: Receives the stages.
            labels_lang: Code of the language in which names and aliases are written; None reads them as they
                are.

        Raises:
            InvalidRequest: A label or a region is invalid, or there are too many labels, texts or examples.
            MalformedRequest, TooLarge, UnsupportedMedia, InvalidImage: A file is not a usable image.
            ModelUnavailable: There are examples and no labeller, or regions and no segmenter.
            NotFound: The upload of an example does not exist.
            ReservedName: A built-in vocabulary has that name.
            StorageUnavailable, TooLarge: The vocabulary cannot be stored.
        """
        self._check_name(name)
        sent = checked_taught_labels(taught_labels)
        lang = labels_lang and self._vocabularies.languages.check(labels_lang, "labels_lang")
        words = self._vocabularies.with_readings(Vocabulary.of(name, [taught.label for taught in sent], lang))
        examples = _examples_by_label(sent)
        _check_examples(examples)
        encoder = self._labeller.get() if any(examples.values()) else None
        files: dict[str, bytes] = {}
        labels = tuple(
            replace(label, examples=self._digests(examples[label.name], encoder, files, progress))
            for label in words.labels
        )
        example_vectors: dict[str, Floats] = {}
        if encoder is not None:
            with progress.stage("classify"):
                example_vectors = self._examples.encode(files, encoder, progress.check)
                vocabulary = replace(words, labels=labels)
                self._vocabulary_encoder.of(vocabulary, encoder, progress.check, example_vectors)
        with progress.stage("store"):
            taught = self._store.put(name, labels, files, lang)
            if encoder is not None:
                self._examples.keep(example_vectors, encoder)
        kept = replace(words, name=taught.vocabulary.name, labels=labels)
        return replace(taught, vocabulary=kept)

    def latest(self) -> list[TaughtVocabulary]:
        """Return the newest version of every taught vocabulary, ordered by name.

        Raises:
            StorageUnavailable: The store cannot be used now; every method raises it then.
        """
        return [self._with_readings(taught) for taught in self._store.latest()]

    def get(self, name: str, version: int | None = None) -> tuple[TaughtVocabulary | None, Vocabulary]:
        """Return the taught vocabulary, or None for a built-in one, and its labels.

        Raises:
            NotFound: There is no such vocabulary or version.
        """
        if name in self._vocabularies.built_in and version is None:
            return None, self._vocabularies.get(name)
        taught = self._store.get(name, version) if version else self._store.get(*split_version(name))
        if taught is None:
            raise self._not_found(name, version)
        taught = self._with_readings(taught)
        return taught, taught.vocabulary

    def _with_readings(self, taught: TaughtVocabulary) -> TaughtVocabulary:
        """Return the vocabulary with its readings; words that cannot be told apart stay without."""
        with suppress(InvalidRequest):
            return replace(taught, vocabulary=self._vocabularies.with_readings(taught.vocabulary))
        return taught

    def versions(self, name: str) -> list[int]:
        """Return the numbers of the versions that are kept, ascending."""
        return self._store.versions(name)

    def example_files(self, vocabulary: Vocabulary) -> Mapping[str, bytes]:
        """Return the image files of the examples of a vocabulary by sha256."""
        digests = [digest for label in vocabulary.labels for digest in label.examples]
        return self._store.example_images(digests)

    def remove(self, name: str) -> None:
        """Delete all versions of a vocabulary.

        Raises:
            NotFound: There is no such vocabulary.
            ReservedName: The vocabulary is built in.
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

    def _digests(
        self,
        examples: Iterable[Example],
        encoder: DualEncoder | None,
        files: dict[str, bytes],
        progress: Progress,
    ) -> tuple[str, ...]:
        """Return the sha256 of each example once; their files are added to `files`."""
        digests: dict[str, None] = {}
        for example in examples:
            progress.check()
            file = (
                self._stored_example(example, encoder, progress)
                if isinstance(example, StoredExample)
                else self._file_example(example, progress)
            )
            digest = image_digest(file)
            files[digest] = file
            digests[digest] = None
        return tuple(digests)

    def _file_example(self, example: FileExample, progress: Progress) -> bytes:
        """Return the file to keep for an image file."""
        with progress.stage("load"):
            try:
                data = example.read()
                return example_file(self._images.read(data), data)
            except ServiceError as error:
                raise type(error)(f"{example.name}: {error.message}", error.details) from error

    def _stored_example(
        self, example: StoredExample, encoder: DualEncoder | None, progress: Progress
    ) -> bytes:
        """Return the file to keep for an upload or a region of it, in the default view of the labeller."""
        with progress.stage("load"):
            photo = self._images.photo(example.file_id)
        if example.region is None or encoder is None:
            return encode_example(photo.rgb(progress))
        (region, *_) = self._finder.find(photo, MaskOptions(example.region, max_masks=1), progress).regions
        view = CROP_VIEWS.get(encoder.prompting.view, CROP_VIEWS["blur"])
        return encode_example(view(photo.rgb(progress), region))

    def _not_found(self, name: str, version: int | None) -> NotFound:
        names = self._vocabularies.names
        which = f"{name[:80]!r}" + ("" if version is None else f" in version {version}")
        expected = f"expected one of the vocabularies {', '.join(names)}"
        return NotFound(f"{expected}, got {which}", {"vocabularies": names})


def _reserved(name: str, action: str) -> ReservedName:
    return ReservedName(
        f"expected the name of a taught vocabulary, got {name!r}, which is built in and cannot be {action}",
        {"name": name},
    )
