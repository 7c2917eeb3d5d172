"""What a caller teaches: names with words and examples."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import InvalidRequest
from domain.types import Label, Prompt
from domain.types.label import MAX_LABELS
from domain.types.teaching import MAX_EXAMPLES, MAX_VOCABULARY_EXAMPLES
from services.vocabulary_lists import checked_name


@dataclass(frozen=True)
class Shown:
    """A photograph as an example, or the region of it that points or a box mean."""

    file_id: str
    region: Prompt | None = None


@dataclass(frozen=True)
class Lesson:
    """One name, and what shows it.

    Attributes:
        label: The name with its prompts and aliases.
        examples: Photographs, or picture files of at most the size that is kept.
    """

    label: Label
    examples: tuple[Shown | bytes, ...] = ()


def check_lessons(lessons: Sequence[Lesson]) -> None:
    """Nothing, for lessons that make a vocabulary.

    Raises:
        InvalidRequest: A name cannot be a label or comes twice, or there are too many of something.
    """
    names = [checked_name(lesson.label.name) for lesson in lessons]
    if not 1 <= len(names) <= MAX_LABELS:
        raise InvalidRequest(f"labels: expected 1 to {MAX_LABELS:,} names, got {len(names):,}")
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InvalidRequest(f"labels: expected each name once, got several times: {', '.join(repeated)}")
    for lesson in lessons:
        if len(lesson.examples) > MAX_EXAMPLES:
            raise InvalidRequest(
                f"labels: expected at most {MAX_EXAMPLES} examples of a name, got {len(lesson.examples):,} "
                f"of {lesson.label.name!r}"
            )
    total = sum(len(lesson.examples) for lesson in lessons)
    if total > MAX_VOCABULARY_EXAMPLES:
        raise InvalidRequest(
            f"labels: expected at most {MAX_VOCABULARY_EXAMPLES:,} examples in all, got {total:,}"
        )
