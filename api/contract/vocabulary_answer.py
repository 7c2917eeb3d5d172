"""The answers of /vocabularies."""

from pydantic import BaseModel, Field

from api.contract.common import Answer


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


class TaughtAnswer(Answer):
    """What was made, on the disk."""

    vocabulary: VocabularyEntry


class ExportedExample(BaseModel):
    """A small picture of an example."""

    image: str = Field(description="data:image/jpeg;base64,..., at most 320 pixels a side.")


class ExportedLabel(BaseModel):
    """One name with all that belongs to it."""

    name: str
    prompts: list[str]
    aliases: list[str]
    examples: list[ExportedExample]


class ExportAnswer(Answer):
    """A whole vocabulary; POST /vocabularies takes it as it is, up to the size of an upload."""

    name: str
    built_in: bool
    version: int | None
    created: str | None
    labels: list[ExportedLabel]


class RemovedVocabularyAnswer(Answer):
    """What was deleted, all versions."""

    name: str
