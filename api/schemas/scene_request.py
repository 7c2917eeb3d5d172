"""The bodies of POST /analyze and /analyze/batch."""

from pydantic import Field

from api.schemas.photo_request import ManyPhotos, OnePhoto
from api.schemas.segment_request import SegmentFields, Share
from api.schemas.text_answer import DEFAULT_MIN_CONFIDENCE


class SceneFields(SegmentFields):
    """What to find out; the fields of /segment and some more."""

    depth: bool = Field(True, description="Whether to say how far each region is.")
    text: bool = Field(True, description="Whether to read text.")
    min_text_confidence: Share = Field(
        DEFAULT_MIN_CONFIDENCE, description="Lines of text read with less confidence are left out."
    )
    colors: bool = Field(True, description="Whether to tell the main colours of each region.")


class SceneRequest(SceneFields, OnePhoto):
    """An analysis of one photograph."""


class SceneBatchRequest(SceneFields, ManyPhotos):
    """The same analysis of many photographs."""
