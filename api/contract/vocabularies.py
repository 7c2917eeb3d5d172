"""The bodies, paths and queries of /vocabularies."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from api.contract.photo_request import EXAMPLE, FileId
from api.contract.segment import Finite, LabelName, PointSchema
from domain.labels import MAX_EXAMPLES, MAX_VERSION

MOST_TEXTS = 32
NOT_READ = "Of an export; not read."


class ExampleSchema(BaseModel):
    """A photograph that shows the name, a region of one, or a picture in the request."""

    model_config = ConfigDict(extra="forbid", strict=True)

    file_id: FileId | None = Field(None, description="From POST /upload; it may expire afterwards.")
    box: list[Finite] | None = Field(
        None, min_length=4, max_length=4, description="[x0, y0, x1, y1] around the object, as in /segment."
    )
    points: list[PointSchema] | None = Field(
        None, min_length=1, max_length=64, description="On the object, or off it with label 0."
    )
    image: str | None = Field(
        None, description="An image file as data:image/...;base64,..., instead of `file_id`."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.file_id is None) == (self.image is None):
            raise ValueError("expected `file_id` or `image`, and not both")
        if self.image is not None and (self.box is not None or self.points is not None):
            raise ValueError("expected `box` and `points` with `file_id` only")
        if self.points is not None and not any(point.label == 1 for point in self.points):
            raise ValueError("expected `points` with at least one of label 1")
        return self


class LessonSchema(BaseModel):
    """One name, its words and its examples."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: LabelName = Field(description="What answers say.")
    prompts: list[LabelName] = Field([], max_length=MOST_TEXTS, description="Read instead of the name.")
    aliases: list[LabelName] = Field([], max_length=MOST_TEXTS, description="Other words for the same.")
    examples: list[ExampleSchema] = Field(
        [], max_length=MAX_EXAMPLES, description="What shows it; none leaves it to the words."
    )


def _kind(label: object) -> str | None:
    """Which of both a label is meant to be, in angle brackets: no field, so that no message tells of it."""
    if isinstance(label, str):
        return "<name>"
    return "<lesson>" if isinstance(label, (dict, LessonSchema)) else None


NameOrLesson = Annotated[
    Annotated[LabelName, Tag("<name>")] | Annotated[LessonSchema, Tag("<lesson>")],
    Discriminator(
        _kind,
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
                        {"name": "Minka", "prompts": ["tabby cat"], "examples": [{"file_id": EXAMPLE}]},
                        "dog",
                    ],
                }
            ]
        },
    )

    name: str = Field(
        min_length=1, max_length=64, description="Letters, digits, `_`, `-`, `.`; the next version of it."
    )
    labels: list[NameOrLesson] = Field(
        min_length=1, max_length=1000, description="Names, or objects with `name`."
    )
    success: Any = Field(None, description=NOT_READ)
    built_in: Any = Field(None, description=NOT_READ)
    version: Any = Field(None, description=NOT_READ)
    created: Any = Field(None, description=NOT_READ)
    models: Any = Field(None, description=NOT_READ)
    timings_ms: Any = Field(None, description=NOT_READ)


class VocabularyPath(BaseModel):
    """Which vocabulary."""

    name: str = Field(description="Of GET /vocabularies, or `name@version`.")


class OwnVocabularyPath(BaseModel):
    """Which taught vocabulary, all versions of it."""

    name: str = Field(description="Of GET /vocabularies, without a version.")


class VersionQuery(BaseModel):
    """Which version."""

    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(None, ge=1, le=MAX_VERSION, description="Default: the newest.")
