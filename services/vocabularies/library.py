"""Keeps the vocabularies of the service, and resolves the one that a request uses."""

import re
from collections.abc import Sequence
from pathlib import Path

from domain.errors import InvalidRequest, UnknownVocabulary
from domain.labels import Vocabulary
from domain.ports.stores import VocabularyStore
from services.vocabularies.languages import read_languages
from services.vocabularies.parse import parse_vocabulary_file, vocabulary_from_list


class Vocabularies:
    """All named vocabularies: those of a directory, read once, and those that callers taught.

    Args:
        directory: Folder of the files NAME.txt, and of `languages/CODE.txt` with translations of the default
            one.
        default: Name of the vocabulary of requests that name none.
        taught: Store of the taught ones; None without teaching.

    Raises:
        ValueError: A file cannot be parsed, or there is none of the default's name.
    """

    def __init__(self, directory: Path, default: str, taught: VocabularyStore | None = None) -> None:
        self._by_name = {path.stem: parse_vocabulary_file(path) for path in sorted(directory.glob("*.txt"))}
        if default not in self._by_name:
            raise ValueError(f"expected a vocabulary {default!r} among {self.built_in} in {directory}")
        self.default = self._by_name[default]
        self.languages = read_languages(directory / "languages", self.default)
        self._taught = taught

    @property
    def built_in(self) -> list[str]:
        """Names of the vocabularies that come with the service, sorted."""
        return list(self._by_name)

    @property
    def names(self) -> list[str]:
        """Names of all vocabularies: first those that come with the service, then the taught ones.

        Raises:
            StorageUnavailable: The taught ones cannot be read.
        """
        taught = self._taught.latest() if self._taught else []
        return [*self._by_name, *(each.name for each in taught if each.name not in self._by_name)]

    def get(self, name: str) -> Vocabulary:
        """Return the vocabulary of that name; a taught one in its newest version, or as `name@version`.

        Raises:
            StorageUnavailable: The taught ones cannot be read, and none of the others has the name.
            UnknownVocabulary: No vocabulary has the name.
        """
        found = self._by_name.get(name) or self._taught_vocabulary(name)
        if found is None:
            names = self.names
            raise UnknownVocabulary(
                f"vocabulary: expected one of {', '.join(names)}, got {name!r}", {"vocabularies": names}
            )
        return found

    def resolve(
        self, labels: Sequence[str] | None, vocabulary: str | None, language: str | None = None
    ) -> Vocabulary:
        """Return the vocabulary of a request: its own labels, a named vocabulary, or the default.

        Args:
            labels: Labels of the request, in any known language.
            vocabulary: Name of a vocabulary, instead of labels.
            language: Code of the language of the answer; None leaves labels as they are.

        Raises:
            InvalidRequest: Labels and a vocabulary were sent, or one of the values is invalid.
            UnknownVocabulary: No vocabulary has the name.
        """
        if labels is not None and vocabulary is not None:
            raise InvalidRequest("expected either `labels` or `vocabulary`, got both")
        if labels is not None:
            found = self._from_labels(labels, language)
        else:
            found = self.default if vocabulary is None else self.get(vocabulary)
        return found if language is None else self.languages.translate(found, language)

    def with_english_prompts(self, vocabulary: Vocabulary) -> Vocabulary:
        """Return a taught vocabulary, whose labels may be of any language, with English prompts."""
        labels = tuple(self.languages.with_english_prompts(label, None) for label in vocabulary.labels)
        return Vocabulary(vocabulary.name, labels)

    def _from_labels(self, labels: Sequence[str], language: str | None) -> Vocabulary:
        sent = vocabulary_from_list(labels)
        code = None if language is None else self.languages.check(language)
        return Vocabulary(
            sent.name, tuple(self.languages.with_english_prompts(label, code) for label in sent.labels)
        )

    def _taught_vocabulary(self, name: str) -> Vocabulary | None:
        """Return the taught vocabulary of that name or `name@version`; None if there is none."""
        taught = self._taught.get(*split_version(name)) if self._taught else None
        if taught is None:
            return None
        return self.with_english_prompts(taught.vocabulary)


def split_version(name: str) -> tuple[str, int | None]:
    """Split `name@version`; a name without a number after its @ stays whole, with the version None."""
    match = re.fullmatch("([^@]*)@([0-9]{1,9})", name)
    return (match[1], int(match[2])) if match else (name, None)
