"""Use case: how far everything in a photograph is."""

from dataclasses import dataclass

from domain.ports import Cache, DepthEstimator, ModelProvider
from domain.types import DepthMap, ModelInfo, Rgb
from services.images import ImageService
from services.progress import Progress


@dataclass(frozen=True)
class DepthResult:
    """The answer, before it is put into JSON.

    Attributes:
        depth: Of each pixel of the upright photograph.
        estimator: Which model estimated it.
    """

    depth: DepthMap
    estimator: ModelInfo


class DepthService:
    """Estimates depth. Holds no request state: many threads share it.

    Args:
        images: The stored photographs.
        estimator: Looks at them.
        maps: Keeps depth maps.
    """

    def __init__(self, images: ImageService, estimator: ModelProvider[DepthEstimator], maps: Cache) -> None:
        self._images = images
        self._estimator = estimator
        self._maps = maps

    def estimate(self, file_id: str, progress: Progress) -> DepthResult:
        """The depth of a stored photograph.

        Raises:
            NotFound: There is no such photograph.
            ModelUnavailable: There is no estimator.
        """
        with progress.stage("load"):
            rgb = self._images.rgb(file_id)
        return self.estimate_rgb(rgb, file_id, progress)

    def estimate_rgb(self, rgb: Rgb, key: str, progress: Progress) -> DepthResult:
        """The depth of an upright photograph at hand; `key` names it in the cache.

        Raises:
            ModelUnavailable: There is no estimator.
        """
        estimator = self._estimator.get()
        with progress.stage("depth"):
            depth = self._maps.get_or_compute(
                f"{key}:{estimator.info.sha256}", lambda: estimator.estimate(rgb)
            )
        progress.step("depth", 1, 1, "depth estimated")
        return DepthResult(depth, estimator.info)
