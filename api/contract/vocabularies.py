"""GET and POST /vocabularies, GET and DELETE /vocabularies/{name}: requests and answers."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from api.contract.common import (
    EXAMPLE_FILE_ID,
    Answer,
    FileId,
    FiniteNumber,
    LabelledAnswer,
    LabelText,
    LanguageCode,
    PointPrompt,
    answer_config,
    iso_utc,
    label_notes,
    points_box_prompt,
)
from api.contract.labels import LABELS_LANG_ENTRY, READ_AS_MAP_DESCRIPTION, language_members
from domain.labels import MAX_EXAMPLES, MAX_VERSION, Label, TaughtVocabulary, Vocabulary
from services.images.data_url import decode_data_url, image_data_url
from services.teaching.teach import FileExample, StoredExample, TaughtLabel

MAX_LABEL_TEXTS = 32

EXPORT_ONLY = "Member of an export. It is accepted and ignored."


class ExampleFields(BaseModel):
    """An example of a label: an uploaded image, a region of one, or an image in the request."""

    model_config = ConfigDict(extra="forbid", strict=True)

    file_id: FileId | None = Field(
        None, description="Id of an image, from POST /upload; the upload may expire afterwards."
    )
    box: list[FiniteNumber] | None = Field(
        None,
        min_length=4,
        max_length=4,
        description="Box [x0, y0, x1, y1] around the object, as in /segment.",
    )
    points: list[PointPrompt] | None = Field(
        None, min_length=1, max_length=64, description="Points on the object, or beside it with label 0."
    )
    image: str | None = Field(
        None, description="Image file as data:image/...;base64,..., instead of `file_id`."
    )

    @model_validator(mode="after")
    def _check_exactly_one(self) -> Self:
        if (self.file_id is None) == (self.image is None):
            got = "neither" if self.file_id is None else "both"
            raise ValueError(f"expected either `file_id` or `image`, got {got}")
        if self.image is not None and (self.box is not None or self.points is not None):
            raise ValueError("expected `box` and `points` with `file_id` only, got them with `image`")
        if self.points is not None and not any(point.label == 1 for point in self.points):
            raise ValueError("expected `points` with at least one of label 1, got none")
        return self


class LabelFields(BaseModel):
    """A label, its words and its examples."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: LabelText = Field(description="The label, as it appears in answers.")
    prompts: list[LabelText] = Field(
        [], max_length=MAX_LABEL_TEXTS, description="Texts that the text tower reads instead of the label."
    )
    aliases: list[LabelText] = Field(
        [], max_length=MAX_LABEL_TEXTS, description="Other words for the same label, in the same language."
    )
    examples: list[ExampleFields] = Field(
        [],
        max_length=MAX_EXAMPLES,
        description="Images or regions that show the label; without examples only its words are used.",
    )


def _label_tag(label: object) -> str | None:
    """Return the tag of the union for a label; messages leave tags in angle brackets out."""
    if isinstance(label, str):
        return "<label>"
    return "<object>" if isinstance(label, (dict, LabelFields)) else None


LabelTextOrFields = Annotated[
    Annotated[LabelText, Tag("<label>")] | Annotated[LabelFields, Tag("<object>")],
    Discriminator(
        _label_tag,
        custom_error_type="label",
        custom_error_message="Input should be a label, or an object with `name`",
    ),
]


class VocabularyRequest(BaseModel):
    """A vocabulary, or the export of one by GET /vocabularies/{name}."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "example": {
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
        },
    )

    name: str = Field(
        min_length=1,
        max_length=64,
        description="Name of the vocabulary: letters, digits, `_`, `-` and `.`. Its next version is created.",
    )
    labels: list[LabelTextOrFields] = Field(
        min_length=1,
        max_length=1000,
        description="Labels, or objects with `name`. Equal labels become one with the words and the examples "
        "of all.",
    )
    labels_lang: LanguageCode | None = Field(
        None,
        description="Language code of the names and aliases, such as `de`; a labeller that reads English "
        "gets their English texts.",
    )
    success: Any = Field(None, description=EXPORT_ONLY)
    built_in: Any = Field(None, description=EXPORT_ONLY)
    version: Any = Field(None, description=EXPORT_ONLY)
    created: Any = Field(None, description=EXPORT_ONLY)
    models: Any = Field(None, description=EXPORT_ONLY)
    timings_ms: Any = Field(None, description=EXPORT_ONLY)
    read_as: Any = Field(None, description=EXPORT_ONLY)
    merged_labels: Any = Field(None, description=EXPORT_ONLY)
    untranslated_labels: Any = Field(None, description=EXPORT_ONLY)


class VocabularyPath(BaseModel):
    """The vocabulary, or a version of it."""

    name: str = Field(description="Name of a vocabulary, or `name@version`.")


class TaughtVocabularyPath(BaseModel):
    """The taught vocabulary with all its versions."""

    name: str = Field(description="Name of a taught vocabulary, without a version.")


class VocabularyVersionQuery(BaseModel):
    """The version of the vocabulary."""

    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(
        None, ge=1, le=MAX_VERSION, description="Number of the version. Default: the newest."
    )


EXAMPLE_ENTRY = {
    "name": "pets",
    "built_in": False,
    "version": 1,
    "versions": [1],
    "created": "2026-01-31T12:00:00+00:00",
    "labels": 2,
    "examples": {"Minka": 1},
}
"""Entry of a vocabulary for the API documents."""


class VocabularyEntry(BaseModel):
    """A summary of a vocabulary."""

    name: str = Field(description="Name for the option `vocabulary`; `name@version` names an older version.")
    built_in: bool = Field(description="True for a built-in vocabulary, which comes with the service.")
    version: int | None = Field(description="Number of the newest version; null for a built-in vocabulary.")
    versions: list[int] = Field(description="Numbers of all stored versions.")
    created: str | None = Field(
        description="Time of creation in ISO 8601, UTC; null for a built-in vocabulary."
    )
    labels: int = Field(ge=1, description="Number of labels.")
    examples: dict[str, int] = Field(
        description="Number of examples by label, for the labels that have examples."
    )
    labels_lang: str | None = Field(None, description=LABELS_LANG_ENTRY)
    read_as: dict[str, str] | None = Field(None, description=READ_AS_MAP_DESCRIPTION)


class VocabulariesAnswer(Answer):
    """All vocabularies; the built-in ones come first."""

    model_config = answer_config({"vocabularies": [EXAMPLE_ENTRY]})

    vocabularies: list[VocabularyEntry] = Field(description="Summaries of the vocabularies.")


class TeachAnswer(LabelledAnswer):
    """The vocabulary that was stored."""

    model_config = answer_config({"vocabulary": EXAMPLE_ENTRY})

    vocabulary: VocabularyEntry


class ExportedExampleEntry(BaseModel):
    """A small image of an example."""

    image: str = Field(description="JPEG as a data URL, at most 320 pixels a side.")


class ExportedLabelEntry(BaseModel):
    """A label with its words and examples."""

    name: str = Field(description="The label, as it appears in answers.")
    prompts: list[str] = Field(description="Texts that the text tower reads instead of the label.")
    aliases: list[str] = Field(description="Other words for the same label.")
    examples: list[ExportedExampleEntry] = Field(description="Images that show the label.")


class VocabularyExportAnswer(LabelledAnswer):
    """A whole vocabulary. It is a valid body of POST /vocabularies, up to the size of an upload."""

    model_config = answer_config(
        {
            "name": "pets",
            "built_in": False,
            "version": 1,
            "created": "2026-01-31T12:00:00+00:00",
            "labels": [{"name": "Minka", "prompts": ["tabby cat"], "aliases": [], "examples": []}],
        }
    )

    name: str = Field(description="Name of the vocabulary.")
    built_in: bool = Field(description="True for a built-in vocabulary, which comes with the service.")
    version: int | None = Field(description="Number of the version; null for a built-in vocabulary.")
    created: str | None = Field(
        description="Time of creation in ISO 8601, UTC; null for a built-in vocabulary."
    )
    labels: list[ExportedLabelEntry] = Field(description="Labels, in the order of the vocabulary.")
    labels_lang: str | None = Field(None, description=LABELS_LANG_ENTRY)
    read_as: dict[str, str] | None = Field(None, description=READ_AS_MAP_DESCRIPTION)


class DeleteVocabularyAnswer(Answer):
    """The vocabulary that was deleted with all its versions."""

    model_config = answer_config({"name": "pets"})

    name: str = Field(description="Name of the vocabulary.")


def teach_answer(taught: TaughtVocabulary, versions: Sequence[int]) -> TeachAnswer:
    """Return the answer about a vocabulary that was stored just now."""
    entry = taught_vocabulary_entry(taught, versions)
    return TeachAnswer(vocabulary=entry, **label_notes(taught.vocabulary))


def taught_vocabulary_entry(taught: TaughtVocabulary, versions: Sequence[int]) -> VocabularyEntry:
    """Return the entry of a taught vocabulary."""
    return _vocabulary_entry(taught.name, taught.vocabulary, taught, versions)


def built_in_vocabulary_entry(vocabulary: Vocabulary) -> VocabularyEntry:
    """Return the entry of a built-in vocabulary."""
    return _vocabulary_entry(vocabulary.name, vocabulary, None, ())


def vocabulary_export_answer(
    taught: TaughtVocabulary | None, vocabulary: Vocabulary, images: Mapping[str, bytes]
) -> VocabularyExportAnswer:
    """Return the export of a vocabulary; examples that were deleted meanwhile are left out."""
    labels = [
        ExportedLabelEntry(
            name=label.name,
            prompts=[*label.prompts],
            aliases=[*label.aliases],
            examples=[
                ExportedExampleEntry(image=image_data_url(images[digest]))
                for digest in label.examples
                if digest in images
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
        **language_members(vocabulary),
        **label_notes(vocabulary),
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
        **language_members(vocabulary),
    )


def taught_labels_of(body: VocabularyRequest) -> list[TaughtLabel]:
    """Return the labels of a valid body; its images are not read yet."""
    return [_taught_label(label, f"labels.{index}") for index, label in enumerate(body.labels)]


def _taught_label(label: str | LabelFields, place: str) -> TaughtLabel:
    if isinstance(label, str):
        return TaughtLabel(Label(label))
    examples = tuple(
        _taught_example(example, f"{place}.examples.{index}") for index, example in enumerate(label.examples)
    )
    return TaughtLabel(Label(label.name, tuple(label.prompts), tuple(label.aliases)), examples)


def _taught_example(example: ExampleFields, place: str) -> StoredExample | FileExample:
    if example.image is not None:
        return FileExample(place, partial(decode_data_url, example.image))
    whole = example.points is None and example.box is None
    return StoredExample(
        example.file_id or "", None if whole else points_box_prompt(example.points or [], example.box)
    )
