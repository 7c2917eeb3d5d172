"""The bodies and the answer of POST /moderate."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import SCORE_DECIMALS, Answer, ImageBatchRequest, ImageRequest, ModelEntry
from api.contract.tasks import OfferPartial, TaskKind, TaskRun, image_task
from api.http.metrics import Metrics
from services.images.photo import Photo
from services.images.upload import ImageService
from services.moderation.policy import Policies
from services.moderation.service import CategoryVerdict, ModerationResult, ModerationService
from services.progress import Progress


class ModerateFields(BaseModel):
    """Against what, and how closely."""

    model_config = ConfigDict(extra="forbid", strict=True)

    policy: Annotated[str, Field(max_length=80)] | None = Field(
        None, description="Name of a policy. Default: the service's own."
    )
    regions: bool = Field(True, description="Whether to look at every region too, or at the whole only.")


class ModerateRequest(ModerateFields, ImageRequest):
    """A check of one photograph."""


class ModerateBatchRequest(ModerateFields, ImageBatchRequest):
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


def moderate_task(
    images: ImageService, service: ModerationService, policies: Policies, metrics: Metrics
) -> TaskKind:
    """Checks by `service` against `policies`, counted by `metrics`."""

    def prepare(body: ModerateRequest) -> TaskRun:
        policy = policies.get(body.policy)

        def answer(photo: Photo, progress: Progress, _offer: OfferPartial) -> ModerateAnswer:
            return moderate_answer(service.moderate(photo, policy, body.regions, progress))

        return image_task(images, body.file_id, answer, lambda done: metrics.worked(done.timings_ms))

    return TaskKind(
        "moderate",
        "Check a photograph against a policy",
        ModerateRequest,
        ModerateBatchRequest,
        ModerateAnswer,
        prepare,
        lambda body: images.photo(body.file_id),
    )


def moderate_answer(result: ModerationResult) -> ModerateAnswer:
    """The answer of /moderate; the command line writes the same JSON."""
    models = {"labeller": ModelEntry.of(result.labeller)}
    if result.segmenter is not None:
        models["segmenter"] = ModelEntry.of(result.segmenter)
    return ModerateAnswer(
        decision=result.decision, rules=[_rule_entry(verdict) for verdict in result.verdicts], models=models
    )


def _rule_entry(verdict: CategoryVerdict) -> RuleEntry:
    region = (
        {}
        if verdict.region is None
        else {"region": round(verdict.region, SCORE_DECIMALS), "mask_index": verdict.mask_index}
    )
    return RuleEntry(
        category=verdict.category.name,
        action=verdict.category.action,
        fired=verdict.fired,
        image=round(verdict.image, SCORE_DECIMALS),
        threshold=verdict.category.threshold,
        region_threshold=verdict.category.region_threshold,
        **region,
    )
