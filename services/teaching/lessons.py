"""What a caller teaches: names with words and examples."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.errors import InvalidRequest
from domain.labels import MAX_LABELS, Label
from domain.prompt import Prompt
from domain.teaching import MAX_EXAMPLES, MAX_VOCABULARY_EXAMPLES, MAX_VOCABULARY_TEXTS
from services.vocabularies.parse import checked_name


@dataclass(frozen=True)
class Shown:
    """A photograph as an example, or the region of it that points or a box mean."""

    file_id: str
    region: Prompt | None = None


@dataclass(frozen=True)
class Sent:
    """An image file as an example, read when its turn comes.

    Attributes:
        name: What messages call it.
        read: Gives its bytes, or raises a ServiceError.
    """

    name: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Lesson:
    """One name, and what shows it.

    Attributes:
        label: The name with its prompts and aliases.
        examples: Photographs that the service has, and image files.
    """

    label: Label
    examples: tuple[Shown | Sent, ...] = ()


def check_lessons(lessons: Sequence[Lesson]) -> None:
    """Nothing, for lessons that make a vocabulary.

    Raises:
        InvalidRequest: A name cannot be a label or comes twice, or there are too many of something.
    """
    names = [checked_name(lesson.label.name) for lesson in lessons]
    if not 1 <= len(names) <= MAX_LABELS:
        raise InvalidRequest(f"labels: expected 1 to {MAX_LABELS:,} names, got {len(names):,}")
    if repeated := sorted(name for name, count in Counter(names).items() if count > 1):
        raise InvalidRequest(f"labels: expected each name once, got several times: {', '.join(repeated)}")
    _check_texts(lessons)
    _check_examples(lessons)


def _check_texts(lessons: Sequence[Lesson]) -> None:
    texts = sum(len(lesson.label.texts) for lesson in lessons)
    if texts > MAX_VOCABULARY_TEXTS:
        raise InvalidRequest(
            f"labels: expected at most {MAX_VOCABULARY_TEXTS:,} prompts (or names without any) and aliases "
            f"in all, got {texts:,}"
        )


def _check_examples(lessons: Sequence[Lesson]) -> None:
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
