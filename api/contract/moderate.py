"""The bodies and the answer of POST /moderate."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import Answer
from api.contract.photo_request import ManyPhotos, OnePhoto


class ModerateFields(BaseModel):
    """Against what, and how closely."""

    model_config = ConfigDict(extra="forbid", strict=True)

    policy: Annotated[str, Field(max_length=80)] | None = Field(
        None, description="Name of a policy. Default: the service's own."
    )
    regions: bool = Field(True, description="Whether to look at every region too, or at the whole only.")


class ModerateRequest(ModerateFields, OnePhoto):
    """A check of one photograph."""


class ModerateBatchRequest(ModerateFields, ManyPhotos):
    """The same check of many photographs."""


class RuleEntry(BaseModel):
    """What was found of one category of the policy."""

    category: str
    action: Literal["review", "block"] = Field(description="From the policy: what to do where it fires.")
    fired: bool = Field(description="Whether `image` or `region` reaches its threshold.")
    image: float = Field(ge=0, le=1, description="Probability for the whole photograph.")
    threshold: float = Field(ge=0, le=1, description="For the whole, from the policy.")
    region: float | None = Field(None, ge=0, le=1, description="Of the likeliest region; absent without any.")
    region_threshold: float = Field(ge=0, le=1, description="For regions, from the policy.")
    mask_index: int | None = Field(None, description="Which one, as /segment with its defaults counts them.")


class ModerateAnswer(Answer):
    """Whether the photograph breaks a rule."""

    decision: Literal["allow", "review", "block"] = Field(description="The severest action that fired.")
    rules: list[RuleEntry] = Field(description="One for each category, in the policy's order.")
