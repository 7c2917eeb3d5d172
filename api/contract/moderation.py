"""The work of POST /moderate: a valid body in, its answer out, for a request that waits and for a job."""

from api.contract.common import ModelEntry
from api.contract.moderate import ModerateAnswer, ModerateBatchRequest, ModerateRequest, RuleEntry
from api.contract.render import DECIMALS
from api.contract.tasks import JobKind, Offer, Work, on_photo
from api.http.metrics import Metrics
from services.images.photo import Photo
from services.images.upload import ImageService
from services.moderation.policy import Policies
from services.moderation.service import Moderation, ModerationService, Verdict
from services.progress import Progress


def moderation(
    images: ImageService, service: ModerationService, policies: Policies, metrics: Metrics
) -> JobKind:
    """Checks by `service` against `policies`, counted by `metrics`."""

    def prepare(body: ModerateRequest) -> Work:
        policy = policies.get(body.policy)

        def answer(photo: Photo, progress: Progress, _offer: Offer) -> ModerateAnswer:
            return moderate_answer(service.moderate(photo, policy, body.regions, progress))

        return on_photo(images, body.file_id, answer, lambda done: metrics.worked(done.timings_ms))

    return JobKind(
        "moderate",
        "Check a photograph against a policy",
        ModerateRequest,
        ModerateBatchRequest,
        ModerateAnswer,
        prepare,
        lambda body: images.photo(body.file_id),
    )


def moderate_answer(result: Moderation) -> ModerateAnswer:
    """The answer of /moderate; the command line writes the same JSON."""
    models = {"labeller": ModelEntry.of(result.labeller)}
    if result.segmenter is not None:
        models["segmenter"] = ModelEntry.of(result.segmenter)
    return ModerateAnswer(
        decision=result.decision, rules=[_rule(verdict) for verdict in result.verdicts], models=models
    )


def _rule(verdict: Verdict) -> RuleEntry:
    region = (
        {}
        if verdict.region is None
        else {"region": round(verdict.region, DECIMALS), "mask_index": verdict.mask_index}
    )
    return RuleEntry(
        category=verdict.category.name,
        action=verdict.category.action,
        fired=verdict.fired,
        image=round(verdict.image, DECIMALS),
        threshold=verdict.category.threshold,
        region_threshold=verdict.category.region_threshold,
        **region,
    )
