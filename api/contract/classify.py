"""The body and the form of POST /classify."""

from typing import Self

from flask_openapi3 import FileStorage
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.contract.photo_request import FileId
from api.contract.segment import MOST_PIXELS, LabelNames, Share, VocabularyName, Whole

MOST_IMAGES = 100


class ClassifyFields(BaseModel):
    """What pictures may be called, and what to answer with."""

    model_config = ConfigDict(extra="forbid", strict=True)

    labels: LabelNames | None = Field(None, description="Names to choose from; repeated ones count once.")
    vocabulary: VocabularyName | None = Field(
        None, description="A vocabulary of GET /labels instead of `labels`."
    )
    lang: str | None = Field(
        None, max_length=20, description="Language that names are answered in, e.g. `de`; see GET /labels."
    )
    top_k: Whole = Field(
        5, ge=1, le=MOST_PIXELS, description="How many alternatives, at most the size of the vocabulary."
    )
    confidence_threshold: Share = Field(0.0, description="A best name below it becomes `unknown`.")
    plot: bool = Field(False, description="true adds a bar chart of the best names.")
    robust: bool = Field(
        False, description="true averages over views that see through blur, noise, blocks and darkness."
    )


class ClassifyRequest(ClassifyFields):
    """A classification of uploaded photographs."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"file_id": "0123456789abcdef0123456789abcdef", "labels": ["cat", "dog"]}]
        }
    )

    file_id: FileId | None = Field(None, description="From POST /upload.")
    file_ids: list[FileId] | None = Field(
        None,
        min_length=1,
        max_length=MOST_IMAGES,
        description="Several instead; one that is wrong spoils no other.",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.file_id is None) == (self.file_ids is None):
            raise ValueError("expected `file_id` or `file_ids`, and not both")
        return self


class ClassifyForm(ClassifyFields):
    """The same with the photographs in the request; they are not kept."""

    image: list[FileStorage] = Field(
        min_length=1, max_length=MOST_IMAGES, description="Image files; the field may be repeated."
    )
