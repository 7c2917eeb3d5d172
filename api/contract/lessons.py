"""Turns the body of POST /vocabularies into lessons; the command line reads exported files with it."""

from functools import partial

from api.contract.segment_options import prompt_of
from api.contract.vocabularies import ExampleSchema, LessonSchema, VocabularyRequest
from domain.labels import Label
from services.teaching.example_images import from_data_url
from services.teaching.teach import Lesson, Sent, Shown


def lessons_of(body: VocabularyRequest) -> list[Lesson]:
    """What a valid body teaches; its pictures are not read yet."""
    return [_lesson(label, f"labels.{index}") for index, label in enumerate(body.labels)]


def _lesson(label: str | LessonSchema, place: str) -> Lesson:
    if isinstance(label, str):
        return Lesson(Label(label.strip()))
    prompts, aliases = (
        tuple(filter(None, map(str.strip, texts))) for texts in (label.prompts, label.aliases)
    )
    examples = tuple(
        _example(example, f"{place}.examples.{index}") for index, example in enumerate(label.examples)
    )
    return Lesson(Label(label.name.strip(), prompts, aliases), examples)


def _example(example: ExampleSchema, place: str) -> Shown | Sent:
    if example.image is not None:
        return Sent(place, partial(from_data_url, example.image))
    whole = example.points is None and example.box is None
    return Shown(example.file_id or "", None if whole else prompt_of(example.points or [], example.box))
