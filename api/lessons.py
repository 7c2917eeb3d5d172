"""Turns the body of POST /vocabularies into lessons; the command line reads exported files with it."""

from collections.abc import Callable

from api.schemas.vocabulary_request import ExampleSchema, LessonSchema, VocabularyRequest
from api.segment_options import prompt_of
from domain.types import Label
from services.teaching.lessons import Lesson, Shown
from services.teaching.pictures import from_data_url

Take = Callable[[bytes], bytes]
"""Gives what is kept of an image file that was sent."""


def lessons_of(body: VocabularyRequest, take: Take) -> list[Lesson]:
    """What a valid body teaches.

    Raises:
        InvalidRequest: A picture in it is no data URL.
        MalformedRequest, TooLarge, UnsupportedMedia, InvalidImage: Or no picture.
    """
    return [_lesson(label, take) for label in body.labels]


def _lesson(label: str | LessonSchema, take: Take) -> Lesson:
    if isinstance(label, str):
        return Lesson(Label(label.strip()))
    prompts, aliases = (
        tuple(filter(None, map(str.strip, texts))) for texts in (label.prompts, label.aliases)
    )
    examples = tuple(_example(example, take) for example in label.examples)
    return Lesson(Label(label.name.strip(), prompts, aliases), examples)


def _example(example: ExampleSchema, take: Take) -> Shown | bytes:
    if example.image is not None:
        return take(from_data_url(example.image))
    whole = example.points is None and example.box is None
    return Shown(example.file_id or "", None if whole else prompt_of(example.points or [], example.box))
