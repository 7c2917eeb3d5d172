"""Parses vocabularies from files and from the `labels` of requests."""

from collections.abc import Sequence
from pathlib import Path

from domain.errors import InvalidRequest
from domain.labels import MAX_LABEL_LENGTH, MAX_LABELS, UNKNOWN_LABEL, Label, Vocabulary


def parse_label_line(line: str) -> Label:
    """Parse a label from `name`, or `name | prompt; prompt | alias; alias`.

    Raises:
        ValueError: The name is empty, or the line has more than three fields.
    """
    name, prompts, aliases, *rest = [*(field.strip() for field in line.split("|")), "", ""]
    if not name or any(rest):
        raise ValueError(f"expected `name | prompt; prompt | alias; alias`, got {line!r}")
    return Label(name, _items(prompts), _items(aliases))


def _items(field: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in field.split(";") if item.strip())


def parse_vocabulary_file(path: Path) -> Vocabulary:
    """Parse the vocabulary in a UTF-8 file; blank lines and lines that start with # are skipped.

    Raises:
        ValueError: A line cannot be parsed; the message names file and line.
    """
    labels = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                labels.append(parse_label_line(line))
            except ValueError as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from error
    return Vocabulary.of(path.stem, labels)


def vocabulary_from_list(labels: Sequence[str]) -> Vocabulary:
    """Return the vocabulary of the labels of a request; repeated ones count once.

    Raises:
        InvalidRequest: There are none or too many, or one cannot be a label.
    """
    if isinstance(labels, str):
        raise InvalidRequest(f"labels: expected a list of labels, got the string {labels!r}")
    if not 1 <= len(labels) <= MAX_LABELS:
        raise InvalidRequest(f"labels: expected 1 to {MAX_LABELS:,} labels, got {len(labels):,}")
    return Vocabulary.of("custom", [Label(checked_label(label)) for label in labels])


def label_of_folder(folder: str) -> str:
    """Return the label that the name of a folder stands for: `_` becomes a space."""
    return " ".join(folder.replace("_", " ").split())


def checked_label(name: str) -> str:
    """Return the name of a label without surrounding spaces.

    Raises:
        InvalidRequest: It is empty or too long, not printable, or reserved.
    """
    stripped = name.strip()
    if not 1 <= len(stripped) <= MAX_LABEL_LENGTH:
        raise InvalidRequest(
            f"labels: expected labels of 1 to {MAX_LABEL_LENGTH} characters, got one of {len(stripped)}"
        )
    if not stripped.isprintable():
        raise InvalidRequest(f"labels: expected printable labels, got {stripped!r}")
    if stripped.casefold() == UNKNOWN_LABEL:
        raise InvalidRequest(
            f"labels: expected labels other than {UNKNOWN_LABEL!r}, which is the answer for regions that "
            "fit no label"
        )
    return stripped
