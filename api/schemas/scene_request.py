"""The bodies of POST /analyze and /analyze/batch."""

from pydantic import ConfigDict, Field

from api.schemas.segment_request import MOST_FILES, FileId, SegmentFields, Share
from api.schemas.text_answer import DEFAULT_MIN_CONFIDENCE


class SceneFields(SegmentFields):
    """What to find out; the fields of /segment and some more."""

    depth: bool = Field(True, description="Whether to say how far each region is.")
    text: bool = Field(True, description="Whether to read text.")
    min_text_confidence: Share = Field(
        DEFAULT_MIN_CONFIDENCE, description="Lines of text read with less confidence are left out."
    )
    colors: bool = Field(True, description="Whether to tell the main colours of each region.")


class SceneRequest(SceneFields):
    """An analysis of one photograph."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"file_id": "0123456789abcdef0123456789abcdef"}]}
    )

    file_id: FileId = Field(description="From POST /upload.")
    in_background: bool = Field(
        False, alias="async", description="true answers 202 at once with a job that does it; see /jobs."
    )


class SceneBatchRequest(SceneFields):
    """The same analysis of many photographs."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"file_ids": ["0123456789abcdef0123456789abcdef"]}]}
    )

    file_ids: list[FileId] = Field(
        min_length=1,
        max_length=MOST_FILES,
        description="From POST /upload; one that is wrong spoils no other.",
    )
