"""What GET /search, POST /similar and POST /rank take."""

from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import Answer, ErrorBody, FileId
from api.contract.search import SearchText

MAX_RANK_IMAGES = 100


class RankRequest(BaseModel):
    """Photographs to be put in order."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"q": "red cup", "file_ids": ["0123456789abcdef0123456789abcdef"]}]},
    )

    q: SearchText = Field(description="What they should show.")
    file_ids: list[FileId] = Field(
        min_length=1, max_length=MAX_RANK_IMAGES, description="From POST /upload; they need not be indexed."
    )


class RankEntry(BaseModel):
    """One photograph; `error` instead of `score` where it cannot be used."""

    file_id: str = Field(description="As sent.")
    score: float | None = Field(None, ge=-1, le=1, description="Cosine with the text.")
    error: ErrorBody | None = Field(None, description="Why it has no place.")


class RankAnswer(Answer):
    """The photographs, best first; those that cannot be used last."""

    results: list[RankEntry]
