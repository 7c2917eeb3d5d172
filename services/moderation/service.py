"""Use case: does a photograph, or something in it, break a rule of a policy."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.masks import FoundMasks
from domain.models import ModelInfo
from services.images.photo import Photo
from services.labels.confidence import LabelOptions
from services.labels.service import LabelService
from services.masks.find import MaskFinder
from services.masks.options import DEFAULT_MAX_MASKS, MaskOptions, PointGrid
from services.moderation.policy import ACTION_SEVERITY, Policy, PolicyAction, PolicyCategory
from services.progress import Progress


@dataclass(frozen=True)
class CategoryVerdict:
    """What was found of one category.

    Attributes:
        category: Which.
        image: Probability for the whole photograph, 0..1.
        region: Largest probability of a region; None where regions were not looked at or there are none.
        mask_index: Which region, as /segment with its defaults counts them; None likewise.
    """

    category: PolicyCategory
    image: float
    region: float | None
    mask_index: int | None

    @property
    def fired(self) -> bool:
        """Whether the rule applies, to the whole or to a region."""
        in_region = self.region is not None and self.region >= self.category.region_threshold
        return in_region or self.image >= self.category.threshold


@dataclass(frozen=True)
class ModerationResult:
    """The answer, before it is put into JSON.

    Attributes:
        verdicts: One for each category, in the policy's order.
        labeller: Which model looked.
        segmenter: Which model found regions; None where none were looked for.
    """

    verdicts: Sequence[CategoryVerdict]
    labeller: ModelInfo
    segmenter: ModelInfo | None

    @property
    def decision(self) -> PolicyAction:
        """The severest action of the rules that apply."""
        actions: list[PolicyAction] = [one.category.action for one in self.verdicts if one.fired]
        return max(actions, key=lambda action: ACTION_SEVERITY[action], default="allow")


class ModerationService:
    """Checks photographs. Holds no request state: many threads share it.

    Args:
        finder: Finds regions.
        labelling: Compares regions and photographs with prompts.
    """

    def __init__(self, finder: MaskFinder, labelling: LabelService) -> None:
        self._finder = finder
        self._labelling = labelling

    def moderate(self, photo: Photo, policy: Policy, regions: bool, progress: Progress) -> ModerationResult:
        """Hold a photograph, and its regions if `regions`, against every category of a policy.

        Raises:
            ModelUnavailable: There is no labeller, or no segmenter where regions are asked for.
        """
        labeller = self._labelling.labeller
        found = self._regions(photo, progress) if regions else None
        verdicts = [self._verdict(photo, found, policy, category, progress) for category in policy.categories]
        return ModerationResult(verdicts, labeller, None if found is None else found.segmenter)

    def _regions(self, photo: Photo, progress: Progress) -> FoundMasks:
        return self._finder.find(photo, MaskOptions(PointGrid(), DEFAULT_MAX_MASKS), progress)

    def _verdict(
        self,
        photo: Photo,
        found: FoundMasks | None,
        policy: Policy,
        category: PolicyCategory,
        progress: Progress,
    ) -> CategoryVerdict:
        question = policy.question(category)
        image = float(self._labelling.image_probabilities(photo, question, progress)[0])
        if found is None or not found.regions:
            return CategoryVerdict(category, image, None, None)
        per_region = self._labelling.regions(
            photo, found, LabelOptions(question, top_k=2), progress
        ).per_region
        scores = [
            next((score.confidence for score in naming.alternatives if score.label == category.name), 0.0)
            for naming in per_region
        ]
        best = max(range(len(scores)), key=scores.__getitem__)
        return CategoryVerdict(category, image, scores[best], best)
