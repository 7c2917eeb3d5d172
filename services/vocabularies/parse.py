"""Reads vocabularies from files and from the lists of callers."""

from collections.abc import Sequence
from pathlib import Path

from domain.errors import InvalidRequest
from domain.labels import MAX_LABEL_LENGTH, MAX_LABELS, UNKNOWN_LABEL, Label, Vocabulary


def parse_label_line(line: str) -> Label:
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


def parse_vocabulary_file(path: Path) -> Vocabulary:
    """The vocabulary in a UTF-8 file; blank lines and lines that start with # are skipped.

    Raises:
        ValueError: A line cannot be read; the message names file and line.
    """
    labels = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                labels.append(parse_label_line(line))
            except ValueError as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from error
    return Vocabulary.of(path.stem, labels)


def vocabulary_from_list(names: Sequence[str]) -> Vocabulary:
    """The vocabulary of a request; repeated names count once.

    Raises:
        InvalidRequest: No names, too many, or one that cannot be a label.
    """
    if isinstance(names, str):
        raise InvalidRequest(f"labels: expected a list of names, got the text {names!r}")
    if not 1 <= len(names) <= MAX_LABELS:
        raise InvalidRequest(f"labels: expected 1 to {MAX_LABELS:,} names, got {len(names):,}")
    return Vocabulary.of("custom", [Label(checked_label(name)) for name in names])


def label_of_folder(folder: str) -> str:
    """What a folder of photographs is named after; `_` stands for a blank."""
    return " ".join(folder.replace("_", " ").split())


def checked_label(name: str) -> str:
    """The name without spaces around it.

    Raises:
        InvalidRequest: It cannot be a label.
    """
    stripped = name.strip()
    if not 1 <= len(stripped) <= MAX_LABEL_LENGTH:
        raise InvalidRequest(
            f"labels: expected names of 1 to {MAX_LABEL_LENGTH} characters, got one of {len(stripped)}"
        )
    if not stripped.isprintable():
        raise InvalidRequest(f"labels: expected printable names, got {stripped!r}")
    if stripped.casefold() == UNKNOWN_LABEL:
        raise InvalidRequest(
            f"labels: {UNKNOWN_LABEL!r} is the answer for regions that fit no name; leave it out"
        )
    return stripped
