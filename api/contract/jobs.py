"""The answers about jobs."""

from pydantic import BaseModel, ConfigDict, Field

from api.contract.analyze import SceneAnswer
from api.contract.caption import CaptionAnswer
from api.contract.common import Answer, ErrorBody
from api.contract.index import IndexAnswer
from api.contract.moderate import ModerateAnswer
from api.contract.segment_answer import SegmentAnswer
from domain.jobs import JobState

Result = SceneAnswer | SegmentAnswer | ModerateAnswer | IndexAnswer | CaptionAnswer
"""What jobs of any kind can give."""


class JobAccepted(Answer):
    """A job was submitted."""

    job_id: str = Field(description="Names the job.")
    status_url: str = Field(description="Path of GET /jobs/{job_id}.")


class JobItemEntry(BaseModel):
    """One photograph of a batch."""

    model_config = ConfigDict(extra="forbid")

    file_id: str = Field(description="As sent.")
    state: JobState
    result: Result | None = Field(
        None, description="What the request for it alone would get; once it succeeded."
    )
    error: ErrorBody | None = Field(None, description="Why it failed.")


class JobAnswer(Answer):
    """A job as it is now. Its models and timings are those in its results."""

    job_id: str
    kind: str = Field(description="Which work it does.", examples=["segment"])
    state: JobState
    stage: str = Field(description="What is being done; empty before it starts.", examples=["classify"])
    done: int = Field(description="Of `total`: photographs in a batch, steps of the stage otherwise.")
    total: int = Field(description="0 where a stage has no steps.")
    message: str = Field(description="The same for people.", examples=["classified 10/26"])
    losses: int = Field(
        description="How many processes ended while they ran it. The second is its end; in a batch, that of "
        "the photograph at hand."
    )
    created_at: str = Field(description="ISO 8601, UTC.")
    started_at: str | None = Field(description="null before it runs.")
    finished_at: str | None = Field(description="null before it ends.")
    expires_at: str | None = Field(description="When it will be forgotten; null before it ends.")
    result: Result | None = Field(
        None, description="What the request would get without `async`; once it succeeded. Not in a batch."
    )
    partial: Result | None = Field(
        None,
        description="While it runs: what is known already, as of /segment; first without names.",
    )
    error: ErrorBody | None = Field(None, description="Why it failed.")
    items: list[JobItemEntry] | None = Field(None, description="The photographs of a batch, in order.")
