"""Decide whether an image, or a region of it, falls into a category of a moderation policy."""

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
    """The result for one category.

    Attributes:
        category: The category.
        image: Its probability for the whole image, 0..1.
        region: Its highest probability for a region; None where regions were not requested or not found.
        mask_index: The index of that region in the answer of /segment with its defaults; None without one.
    """

    category: PolicyCategory
    image: float
    region: float | None
    mask_index: int | None

    @property
    def fired(self) -> bool:
        """True if the whole image or a region reaches its threshold."""
        in_region = self.region is not None and self.region >= self.category.region_threshold
        return in_region or self.image >= self.category.threshold


@dataclass(frozen=True)
class ModerationResult:
    """The result for all categories of a policy.

    Attributes:
        verdicts: One for each category, in the order of the policy.
        labeller: The model that compared the image with the categories.
        segmenter: The model that found regions; None where regions were not requested.
    """

    verdicts: Sequence[CategoryVerdict]
    labeller: ModelInfo
    segmenter: ModelInfo | None

    @property
    def decision(self) -> PolicyAction:
        """The severest action among the categories that fired, or `allow`."""
        actions: list[PolicyAction] = [one.category.action for one in self.verdicts if one.fired]
        return max(actions, key=lambda action: ACTION_SEVERITY[action], default="allow")


class ModerationService:
    """Checks images against policies. It is stateless and shared by threads.

    Args:
        finder: Finds regions.
        labels: Compares regions and images with the prompts of categories.
    """

    def __init__(self, finder: MaskFinder, labels: LabelService) -> None:
        self._finder = finder
        self._labels = labels

    def moderate(self, photo: Photo, policy: Policy, regions: bool, progress: Progress) -> ModerationResult:
        """Compare an image, and its regions if `regions`, with every category of a policy.

        Raises:
            ModelUnavailable: There is no labeller, or no segmenter where regions are requested.
        """
        labeller = self._labels.labeller
        found = self._find_regions(photo, progress) if regions else None
        verdicts = [self._verdict(photo, found, policy, category, progress) for category in policy.categories]
        return ModerationResult(verdicts, labeller, None if found is None else found.segmenter)

    def _find_regions(self, photo: Photo, progress: Progress) -> FoundMasks:
        return self._finder.find(photo, MaskOptions(PointGrid(), DEFAULT_MAX_MASKS), progress)

    def _verdict(
        self,
        photo: Photo,
        found: FoundMasks | None,
        policy: Policy,
        category: PolicyCategory,
        progress: Progress,
    ) -> CategoryVerdict:
        vocabulary = policy.binary_vocabulary(category)
        image = float(self._labels.image_probabilities(photo, vocabulary, progress)[0])
        if found is None or not found.regions:
            return CategoryVerdict(category, image, None, None)
        options = LabelOptions(vocabulary, top_k=2)
        per_region = self._labels.label_regions(photo, found, options, progress).per_region
        scores = [
            next((score.confidence for score in labelled.alternatives if score.label == category.name), 0.0)
            for labelled in per_region
        ]
        best = max(range(len(scores)), key=scores.__getitem__)
        return CategoryVerdict(category, image, scores[best], best)
