"""Use case: how far everything in a photograph is."""

from dataclasses import dataclass

from domain.depth import DepthMap
from domain.model import ModelInfo
from domain.ports.stores import Cache, DepthEstimator, ModelProvider
from services.images.photo import Photo
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
        estimator: Looks at photographs.
        maps: Keeps depth maps.
    """

    def __init__(self, estimator: ModelProvider[DepthEstimator], maps: Cache) -> None:
        self._estimator = estimator
        self._maps = maps

    def estimate(self, photo: Photo, progress: Progress) -> DepthResult:
        """The depth of a photograph.

        Raises:
            ModelUnavailable: There is no estimator.
        """
        estimator = self._estimator.get()

        def estimate() -> DepthMap:
            with progress.stage("depth"):
                depth = estimator.estimate(photo.rgb(progress))
            progress.step("depth", 1, 1, "depth estimated")
            return depth

        key = (photo.key, estimator.info.sha256)
        return DepthResult(self._maps.get_or_compute(key, estimate, progress.check), estimator.info)
