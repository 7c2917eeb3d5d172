"""What the routes about jobs take."""

from pydantic import BaseModel, ConfigDict, Field


class JobPath(BaseModel):
    """Which job."""

    job_id: str = Field(description="From an answer 202.")


class JobQuery(BaseModel):
    """How much of it."""

    model_config = ConfigDict(extra="forbid")

    results: bool = Field(True, description="false leaves out the results of a batch's photographs.")
