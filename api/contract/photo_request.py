"""Which photographs a request is about: one, now or in the background, or many in one job."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

FileId = Annotated[str, Field(min_length=1, max_length=64)]
MOST_FILES = 1000

EXAMPLE = "0123456789abcdef0123456789abcdef"


class OnePhoto(BaseModel):
    """A request about one photograph."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"file_id": EXAMPLE}]})

    file_id: FileId = Field(description="From POST /upload.")
    in_background: bool = Field(
        False, alias="async", description="true answers 202 at once with a job that does it; see /jobs."
    )


class ManyPhotos(BaseModel):
    """A job about many photographs."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"file_ids": [EXAMPLE]}]})

    file_ids: list[FileId] = Field(
        min_length=1,
        max_length=MOST_FILES,
        description="From POST /upload; one that is wrong spoils no other.",
    )
