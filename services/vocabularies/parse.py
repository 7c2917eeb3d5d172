"""Parses vocabularies from files and from the `labels` of requests."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from domain.errors import InvalidRequest
from domain.labels import MAX_LABEL_LENGTH, MAX_LABELS, UNKNOWN_LABEL, Label, Vocabulary, label_key, trim
from services.vocabularies.characters import text_problem, usable_text


def parse_label_line(line: str) -> Label:
    """Parse a label from `name`, or `name | prompt; prompt | alias; alias`.

    Raises:
        ValueError: The name is empty, the line has more than three fields, or a text has characters that no
            label may have.
    """
    name, prompts, aliases, *rest = [*map(trim, line.split("|")), "", ""]
    if not name or any(rest):
        raise ValueError(f"expected `name | prompt; prompt | alias; alias`, got {line!r}")
    label = Label(name, items(prompts), items(aliases))
    for text in (name, *label.prompts, *label.aliases):
        usable_text(text)
    return label


def items(field: str) -> tuple[str, ...]:
    """Return the texts of a field between semicolons."""
    return tuple(text for text in map(trim, field.split(";")) if text)


def numbered_lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the lines of a UTF-8 file with their places for messages, without blank ones and comments (#)."""
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield f"{path.name}, line {number}", line


def parse_vocabulary_file(path: Path) -> Vocabulary:
    """Parse the vocabulary in a UTF-8 file; blank lines and lines that start with # are skipped.

    Raises:
        ValueError: A line cannot be parsed, or its label is that of an earlier line; the message names file
            and line.
    """
    labels: dict[str, Label] = {}
    for place, line in numbered_lines(path):
        try:
            label = parse_label_line(line)
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from error
        if known := labels.get(label_key(label.name)):
            raise ValueError(f"{place}: expected each label once, got {label.name!r} after {known.name!r}")
        labels[label_key(label.name)] = label
    return Vocabulary(path.stem, tuple(labels.values()))


def vocabulary_from_list(labels: Sequence[str], lang: str | None = None) -> Vocabulary:
    """Return the vocabulary of the labels of a request; equal ones are one label, spelled as the first.

    Args:
        labels: The labels as they were sent.
        lang: Code of the language in which they are written.

    Raises:
        InvalidRequest: There are none or too many, or one cannot be a label.
    """
    if isinstance(labels, str):
        raise InvalidRequest(f"labels: expected a list of labels, got the string {labels!r}")
    if not 1 <= len(labels) <= MAX_LABELS:
        raise InvalidRequest(f"labels: expected 1 to {MAX_LABELS:,} labels, got {len(labels):,}")
    return Vocabulary.of("custom", [Label(checked_label(label)) for label in labels], lang)


def label_of_folder(folder: str) -> str:
    """Return the words in the name of a folder, in which `_` stands for a space."""
    return " ".join(folder.replace("_", " ").split())


def checked_label(name: str, member: str = "labels") -> str:
    """Return the name of a label, trimmed.

    Args:
        name: The name as it was sent.
        member: Member of the request, for the message.

    Raises:
        InvalidRequest: It is empty, too long or reserved, or has characters that no label may have.
    """
    trimmed = checked_text(name, member)
    if label_key(trimmed) == UNKNOWN_LABEL:
        raise InvalidRequest(
            f"{member}: expected labels other than {UNKNOWN_LABEL!r}, which is the answer for regions that "
            "fit no label"
        )
    return trimmed


def checked_text(text: str, member: str) -> str:
    """Return a text for the text tower, trimmed.

    Raises:
        InvalidRequest: It is empty or too long, or has characters that no label may have.
    """
    trimmed = trim(text)
    if not 1 <= len(trimmed) <= MAX_LABEL_LENGTH:
        raise InvalidRequest(
            f"{member}: expected texts of 1 to {MAX_LABEL_LENGTH} characters, got one of {len(trimmed)}: "
            f"{text[:MAX_LABEL_LENGTH]!r}"
        )
    if problem := text_problem(trimmed):
        raise InvalidRequest(f"{member}: {problem}, got {trimmed!r}")
    return trimmed
