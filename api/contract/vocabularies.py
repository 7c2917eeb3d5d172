"""The bodies, paths and queries of /vocabularies."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from api.contract.common import (
    EXAMPLE_FILE_ID,
    Answer,
    FileId,
    FiniteNumber,
    LabelText,
    PointPrompt,
    iso_utc,
    points_box_prompt,
)
from domain.labels import MAX_EXAMPLES, MAX_VERSION, Label, TaughtVocabulary, Vocabulary
from services.teaching.example_images import decode_data_url, image_data_url
from services.teaching.teach import FileExample, StoredExample, TaughtLabel

MAX_LABEL_TEXTS = 32

EXPORT_ONLY = "Of an export; not read."


class ExampleFields(BaseModel):
    """A photograph that shows the name, a region of one, or a picture in the request."""

    model_config = ConfigDict(extra="forbid", strict=True)

    file_id: FileId | None = Field(None, description="From POST /upload; it may expire afterwards.")
    box: list[FiniteNumber] | None = Field(
        None, min_length=4, max_length=4, description="[x0, y0, x1, y1] around the object, as in /segment."
    )
    points: list[PointPrompt] | None = Field(
        None, min_length=1, max_length=64, description="On the object, or off it with label 0."
    )
    image: str | None = Field(
        None, description="An image file as data:image/...;base64,..., instead of `file_id`."
    )

    @model_validator(mode="after")
    def _check_exactly_one(self) -> Self:
        if (self.file_id is None) == (self.image is None):
            raise ValueError("expected `file_id` or `image`, and not both")
        if self.image is not None and (self.box is not None or self.points is not None):
            raise ValueError("expected `box` and `points` with `file_id` only")
        if self.points is not None and not any(point.label == 1 for point in self.points):
            raise ValueError("expected `points` with at least one of label 1")
        return self


class LabelFields(BaseModel):
    """One name, its words and its examples."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: LabelText = Field(description="What answers say.")
    prompts: list[LabelText] = Field([], max_length=MAX_LABEL_TEXTS, description="Read instead of the name.")
    aliases: list[LabelText] = Field([], max_length=MAX_LABEL_TEXTS, description="Other words for the same.")
    examples: list[ExampleFields] = Field(
        [], max_length=MAX_EXAMPLES, description="What shows it; none leaves it to the words."
    )


def _label_tag(label: object) -> str | None:
    """Which of both a label is meant to be, in angle brackets: no field, so that no message tells of it."""
    if isinstance(label, str):
        return "<name>"
    return "<lesson>" if isinstance(label, (dict, LabelFields)) else None


LabelTextOrFields = Annotated[
    Annotated[LabelText, Tag("<name>")] | Annotated[LabelFields, Tag("<lesson>")],
    Discriminator(
        _label_tag,
        custom_error_type="label",
        custom_error_message="Input should be a name, or an object with `name`",
    ),
]


class VocabularyRequest(BaseModel):
    """A vocabulary, or one that GET /vocabularies/{name} exported."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "name": "pets",
                    "labels": [
                        {
                            "name": "Minka",
                            "prompts": ["tabby cat"],
                            "examples": [{"file_id": EXAMPLE_FILE_ID}],
                        },
                        "dog",
                    ],
                }
            ]
        },
    )

    name: str = Field(
        min_length=1, max_length=64, description="Letters, digits, `_`, `-`, `.`; the next version of it."
    )
    labels: list[LabelTextOrFields] = Field(
        min_length=1, max_length=1000, description="Names, or objects with `name`."
    )
    success: Any = Field(None, description=EXPORT_ONLY)
    built_in: Any = Field(None, description=EXPORT_ONLY)
    version: Any = Field(None, description=EXPORT_ONLY)
    created: Any = Field(None, description=EXPORT_ONLY)
    models: Any = Field(None, description=EXPORT_ONLY)
    timings_ms: Any = Field(None, description=EXPORT_ONLY)


class VocabularyPath(BaseModel):
    """Which vocabulary."""

    name: str = Field(description="Of GET /vocabularies, or `name@version`.")


class TaughtVocabularyPath(BaseModel):
    """Which taught vocabulary, all versions of it."""

    name: str = Field(description="Of GET /vocabularies, without a version.")


class VocabularyVersionQuery(BaseModel):
    """Which version."""

    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(None, ge=1, le=MAX_VERSION, description="Default: the newest.")


class VocabularyEntry(BaseModel):
    """One vocabulary, in short."""

    name: str = Field(description="What `vocabulary` takes; `name@version` for an older one.")
    built_in: bool = Field(description="Whether it comes with the service.")
    version: int | None = Field(description="The newest; null for one that comes with the service.")
    versions: list[int] = Field(description="All that are kept.")
    created: str | None = Field(description="ISO 8601, UTC; null for one that comes with the service.")
    labels: int = Field(ge=1, description="How many.")
    examples: dict[str, int] = Field(description="How many by name, of those that have any.")


class VocabulariesAnswer(Answer):
    """All vocabularies, those of the service first."""

    vocabularies: list[VocabularyEntry]


class TeachAnswer(Answer):
    """What was made, on the disk."""

    vocabulary: VocabularyEntry


class ExportedExampleEntry(BaseModel):
    """A small picture of an example."""

    image: str = Field(description="data:image/jpeg;base64,..., at most 320 pixels a side.")


class ExportedLabelEntry(BaseModel):
    """One name with all that belongs to it."""

    name: str
    prompts: list[str]
    aliases: list[str]
    examples: list[ExportedExampleEntry]


class VocabularyExportAnswer(Answer):
    """A whole vocabulary; POST /vocabularies takes it as it is, up to the size of an upload."""

    name: str
    built_in: bool
    version: int | None
    created: str | None
    labels: list[ExportedLabelEntry]


class DeleteVocabularyAnswer(Answer):
    """What was deleted, all versions."""

    name: str


def taught_vocabulary_entry(taught: TaughtVocabulary, versions: Sequence[int]) -> VocabularyEntry:
    """A taught vocabulary in short."""
    return _vocabulary_entry(taught.name, taught.vocabulary, taught, versions)


def built_in_vocabulary_entry(vocabulary: Vocabulary) -> VocabularyEntry:
    """One that comes with the service in short."""
    return _vocabulary_entry(vocabulary.name, vocabulary, None, ())


def vocabulary_export_answer(
    taught: TaughtVocabulary | None, vocabulary: Vocabulary, pictures: Mapping[str, bytes]
) -> VocabularyExportAnswer:
    """All of a vocabulary; examples that were deleted meanwhile are left out."""
    labels = [
        ExportedLabelEntry(
            name=label.name,
            prompts=[*label.prompts],
            aliases=[*label.aliases],
            examples=[
                ExportedExampleEntry(image=image_data_url(pictures[digest]))
                for digest in label.examples
                if digest in pictures
            ],
        )
        for label in vocabulary.labels
    ]
    return VocabularyExportAnswer(
        name=vocabulary.name if taught is None else taught.name,
        built_in=taught is None,
        version=taught.version if taught else None,
        created=iso_utc(taught.created) if taught else None,
        labels=labels,
    )


def _vocabulary_entry(
    name: str, vocabulary: Vocabulary, taught: TaughtVocabulary | None, versions: Sequence[int]
) -> VocabularyEntry:
    return VocabularyEntry(
        name=name,
        built_in=taught is None,
        version=taught.version if taught else None,
        versions=[*versions],
        created=iso_utc(taught.created) if taught else None,
        labels=len(vocabulary.labels),
        examples={label.name: len(label.examples) for label in vocabulary.labels if label.examples},
    )


def taught_labels_of(body: VocabularyRequest) -> list[TaughtLabel]:
    """What a valid body teaches; its pictures are not read yet."""
    return [_taught_label(label, f"labels.{index}") for index, label in enumerate(body.labels)]


def _taught_label(label: str | LabelFields, place: str) -> TaughtLabel:
    if isinstance(label, str):
        return TaughtLabel(Label(label.strip()))
    prompts, aliases = (
        tuple(filter(None, map(str.strip, texts))) for texts in (label.prompts, label.aliases)
    )
    examples = tuple(
        _taught_example(example, f"{place}.examples.{index}") for index, example in enumerate(label.examples)
    )
    return TaughtLabel(Label(label.name.strip(), prompts, aliases), examples)


def _taught_example(example: ExampleFields, place: str) -> StoredExample | FileExample:
    if example.image is not None:
        return FileExample(place, partial(decode_data_url, example.image))
    whole = example.points is None and example.box is None
    return StoredExample(
        example.file_id or "", None if whole else points_box_prompt(example.points or [], example.box)
    )
