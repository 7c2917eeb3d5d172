"""Reads vocabulary files and builds vocabularies from lists sent by callers."""

from collections.abc import Sequence
from pathlib import Path

from domain.errors import InvalidRequest, UnknownVocabulary
from domain.types import Label, Vocabulary
from domain.types.label import MAX_LABEL_LENGTH, MAX_LABELS, UNKNOWN


def parse_label(line: str) -> Label:
    """A label from `name`, or `name | prompt; prompt | alias; alias`.

    Raises:
        ValueError: The name is empty, or there are more than three fields.
    """
    name, prompts, aliases, *rest = [*(field.strip() for field in line.split("|")), "", ""]
    if not name or any(rest):
        raise ValueError(f"expected `name | prompt; prompt | alias; alias`, got {line!r}")
    return Label(name, _items(prompts), _items(aliases))


def _items(field: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in field.split(";") if item.strip())


def parse_file(path: Path) -> Vocabulary:
    """The vocabulary in a UTF-8 file; blank lines and lines that start with # are skipped.

    Raises:
        ValueError: A line cannot be read; the message names file and line.
    """
    labels = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                labels.append(parse_label(line))
            except ValueError as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from error
    return Vocabulary.of(path.stem, labels)


def from_list(names: Sequence[str]) -> Vocabulary:
    """The vocabulary of a request; repeated names count once.

    Raises:
        InvalidRequest: No names, too many, or one that cannot be a label.
    """
    if not 1 <= len(names) <= MAX_LABELS:
        raise InvalidRequest(f"labels: expected 1 to {MAX_LABELS:,} names, got {len(names):,}")
    return Vocabulary.of("custom", [Label(_checked(name)) for name in names])


def _checked(name: str) -> str:
    stripped = name.strip()
    if not 1 <= len(stripped) <= MAX_LABEL_LENGTH:
        raise InvalidRequest(
            f"labels: expected names of 1 to {MAX_LABEL_LENGTH} characters, got one of {len(stripped)}"
        )
    if not stripped.isprintable():
        raise InvalidRequest(f"labels: expected printable names, got {stripped!r}")
    if stripped.casefold() == UNKNOWN:
        raise InvalidRequest(f"labels: {UNKNOWN!r} is the answer for regions that fit no name; leave it out")
    return stripped


class Vocabularies:
    """The named vocabularies of a directory, read once.

    Args:
        directory: Holds NAME.txt files.
        default: Name of the one used when a request names none.

    Raises:
        ValueError: A file cannot be read as a vocabulary, or the default is not among them.
    """

    def __init__(self, directory: Path, default: str) -> None:
        self._by_name = {path.stem: parse_file(path) for path in sorted(directory.glob("*.txt"))}
        if default not in self._by_name:
            raise ValueError(f"expected a vocabulary {default!r} among {self.names} in {directory}")
        self.default = self._by_name[default]

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

    def resolve(self, names: Sequence[str] | None, vocabulary: str | None) -> Vocabulary:
        """What a request asks for: its own list, a named vocabulary, or the default.

        Raises:
            InvalidRequest: Both were sent, or one of them cannot be used.
        """
        if names is not None and vocabulary is not None:
            raise InvalidRequest("expected `labels` or `vocabulary`, got both")
        if names is not None:
            return from_list(names)
        return self.default if vocabulary is None else self.get(vocabulary)
