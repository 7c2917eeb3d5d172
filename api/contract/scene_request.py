"""The bodies of POST /analyze and /analyze/batch."""

from pydantic import Field

from api.contract.extract_text import DEFAULT_MIN_CONFIDENCE
from api.contract.photo_request import ManyPhotos, OnePhoto
from api.contract.segment import SegmentFields, Share


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
