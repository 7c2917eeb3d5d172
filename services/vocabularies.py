"""The vocabularies of the service, and what a request asks for of them."""

from collections.abc import Sequence
from pathlib import Path

from domain.errors import InvalidRequest, UnknownVocabulary
from domain.types import Vocabulary
from services.languages import read_languages
from services.vocabulary_lists import from_list, parse_file


class Vocabularies:
    """The named vocabularies of a directory, read once.

    Args:
        directory: Holds NAME.txt files, and in `languages` the names of the default one in others: CODE.txt.
        default: Name of the one used when a request names none.

    Raises:
        ValueError: A file cannot be read as a vocabulary, or the default is not among them.
    """

    def __init__(self, directory: Path, default: str) -> None:
        self._by_name = {path.stem: parse_file(path) for path in sorted(directory.glob("*.txt"))}
        if default not in self._by_name:
            raise ValueError(f"expected a vocabulary {default!r} among {self.names} in {directory}")
        self.default = self._by_name[default]
        self.languages = read_languages(directory / "languages", self.default)

    @property
    def names(self) -> list[str]:
        """Names of all vocabularies, sorted."""
        return list(self._by_name)

    def get(self, name: str) -> Vocabulary:
        """The vocabulary of that name.

        Raises:
            UnknownVocabulary: There is none.
        """
        try:
            return self._by_name[name]
        except KeyError:
            raise UnknownVocabulary(
                f"vocabulary: expected one of {', '.join(self.names)}, got {name!r}",
                {"vocabularies": self.names},
            ) from None

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
        found = self._listed(names, language) if names is not None else self._named(vocabulary)
        return found if language is None else self.languages.translated(found, language)

    def _listed(self, names: Sequence[str], language: str | None) -> Vocabulary:
        sent = from_list(names)
        code = None if language is None else self.languages.check(language)
        return Vocabulary(sent.name, tuple(self.languages.understood(label, code) for label in sent.labels))

    def _named(self, vocabulary: str | None) -> Vocabulary:
        return self.default if vocabulary is None else self.get(vocabulary)
