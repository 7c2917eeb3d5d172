"""POST /moderate and /moderate/batch: request, answer and task."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import SCORE_DECIMALS, ModelEntry, answer_config
from api.contract.images import ImageAnswer, ImageBatchRequest, ImageRequest
from api.contract.tasks import ImageTask, PublishAnswer, TaskMetrics
from services.images.photo import Photo
from services.images.upload import ImageService
from services.moderation.policy import Policies, Policy
from services.moderation.service import CategoryVerdict, ModerationResult, ModerationService
from services.progress import Progress


class ModerateFields(BaseModel):
    """The options of /moderate."""

    model_config = ConfigDict(extra="forbid", strict=True)

    policy: Annotated[str, Field(max_length=80)] | None = Field(
        None, description="Name of a policy. Default: the default policy."
    )
    regions: bool = Field(
        True, description="Check every region too; with false, only the whole image is checked."
    )


class ModerateRequest(ModerateFields, ImageRequest):
    """A request to check one image."""


class ModerateBatchRequest(ModerateFields, ImageBatchRequest):
    """A request to check many images with the same options."""


class RuleEntry(BaseModel):
    """The result for one category of the policy."""

    category: str = Field(description="Name of the category in the policy.")
    action: Literal["review", "block"] = Field(description="Action of the policy where the category fires.")
    fired: bool = Field(description="True when `image` or `region` reaches its threshold.")
    image: float = Field(ge=0, le=1, description="Probability for the whole image.")
    threshold: float = Field(ge=0, le=1, description="Threshold of the policy for the whole image.")
    region: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Probability for the region with the highest one; absent without regions.",
    )
    region_threshold: float = Field(ge=0, le=1, description="Threshold of the policy for regions.")
    mask_index: int | None = Field(
        None, description="Index of that region in the answer of /segment with default options."
    )


class ModerateAnswer(ImageAnswer):
    """The decision about an image."""

    model_config = answer_config(
        {
            "decision": "allow",
            "rules": [
                {
                    "category": "weapon",
                    "action": "review",
                    "fired": False,
                    "image": 0.01,
                    "threshold": 0.6,
                    "region_threshold": 0.9,
                }
            ],
        }
    )

    decision: Literal["allow", "review", "block"] = Field(
        description="Severest action of the categories that fired; `allow` where none did."
    )
    rules: list[RuleEntry] = Field(description="Results of the categories, in the order of the policy.")


class ModerateTask(ImageTask[ModerateRequest, Policy, ModerateAnswer]):
    """The work of POST /moderate."""

    name = "moderate"
    request_type = ModerateRequest

    def __init__(
        self, images: ImageService, metrics: TaskMetrics, service: ModerationService, policies: Policies
    ) -> None:
        super().__init__(images, metrics)
        self._service = service
        self._policies = policies

    def to_options(self, request: ModerateFields) -> Policy:
        """Return the policy."""
        return self._policies.get(request.policy)

    def answer_of(
        self,
        photo: Photo,
        request: ModerateRequest,
        options: Policy,
        progress: Progress,
        publish: PublishAnswer,
    ) -> ModerateAnswer:
        """Check the image, and its regions if they are requested."""
        return moderate_answer(self._service.moderate(photo, options, request.regions, progress))


def moderate_answer(result: ModerationResult) -> ModerateAnswer:
    """Return the answer of /moderate."""
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
