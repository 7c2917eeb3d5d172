"""The vocabularies of the service, and what a request asks for of them."""

import re
from collections.abc import Sequence
from pathlib import Path

from domain.errors import InvalidRequest, UnknownVocabulary
from domain.labels import Vocabulary
from domain.ports.stores import VocabularyStore
from services.vocabularies.languages import read_languages
from services.vocabularies.parse import parse_vocabulary_file, vocabulary_from_list


class Vocabularies:
    """The named vocabularies: those of a directory, read once, and those that callers taught.

    Args:
        directory: Holds NAME.txt files, and in `languages` the names of the default one in others: CODE.txt.
        default: Name of the one used when a request names none.
        taught: Keeps those of callers; None where there are none.

    Raises:
        ValueError: A file cannot be read as a vocabulary, or the default is not among them.
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
        """Names of those that come with the service, sorted."""
        return list(self._by_name)

    @property
    def names(self) -> list[str]:
        """Names of all vocabularies: those that come with the service, then those that were taught.

        Raises:
            StorageUnavailable: Those that were taught cannot be read now.
        """
        taught = self._taught.latest() if self._taught else []
        return [*self._by_name, *(each.name for each in taught if each.name not in self._by_name)]

    def get(self, name: str) -> Vocabulary:
        """The vocabulary of that name; of a taught one the newest version, or that of `name@version`.

        Raises:
            StorageUnavailable: It may have been taught, and that cannot be read now.
            UnknownVocabulary: There is none.
        """
        found = self._by_name.get(name) or self._taught_vocabulary(name)
        if found is None:
            names = self.names
            raise UnknownVocabulary(
                f"vocabulary: expected one of {', '.join(names)}, got {name!r}", {"vocabularies": names}
            )
        return found

    def resolve(
        self, names: Sequence[str] | None, vocabulary: str | None, language: str | None = None
    ) -> Vocabulary:
        """What a request asks for: its own list, a named vocabulary, or the default.

        Args:
            names: The caller's own, in any language that is known.
            vocabulary: Name of one instead.
            language: Code of the language that answers shall use; None leaves names as they are.

        Raises:
            InvalidRequest: Both were sent, or one of them cannot be used.
        """
        if names is not None and vocabulary is not None:
            raise InvalidRequest("expected `labels` or `vocabulary`, got both")
        found = (
            self._from_labels(names, language) if names is not None else self._built_in_or_default(vocabulary)
        )
        return found if language is None else self.languages.translate(found, language)

    def with_english_prompts(self, vocabulary: Vocabulary) -> Vocabulary:
        """A taught vocabulary as `get` gives it: the text tower understands its words."""
        labels = tuple(self.languages.with_english_prompts(label, None) for label in vocabulary.labels)
        return Vocabulary(vocabulary.name, labels)

    def _from_labels(self, names: Sequence[str], language: str | None) -> Vocabulary:
        sent = vocabulary_from_list(names)
        code = None if language is None else self.languages.check(language)
        return Vocabulary(
            sent.name, tuple(self.languages.with_english_prompts(label, code) for label in sent.labels)
        )

    def _taught_vocabulary(self, name: str) -> Vocabulary | None:
        """What a caller taught under that name; its words may be of any language, as in a list."""
        taught = self._taught.get(*split_version(name)) if self._taught else None
        if taught is None:
            return None
        return self.with_english_prompts(taught.vocabulary)

    def _built_in_or_default(self, vocabulary: str | None) -> Vocabulary:
        return self.default if vocabulary is None else self.get(vocabulary)


def split_version(name: str) -> tuple[str, int | None]:
    """`name@version` in its parts; a name that has no number behind its @ is one that nothing has."""
    match = re.fullmatch("([^@]*)@([0-9]{1,9})", name)
    return (match[1], int(match[2])) if match else (name, None)
