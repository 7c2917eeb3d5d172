"""Names what was found, and keeps what the labeller saw: other names for the same regions cost little."""

import logging
from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from domain.arrays import Floats
from domain.errors import ModelUnavailable
from domain.labels import Naming, Vocabulary
from domain.masks import FoundMasks
from domain.models import ModelInfo, View
from domain.ports.compute import WorkerPool
from domain.ports.models import DualEncoder, ModelProvider
from domain.ports.stores import Cache
from services.classify.damage import Quality
from services.classify.robust import RobustLooks, look_through_damage
from services.images.photo import Photo
from services.labels.confidence import NAMELESS, NamingOptions, name, shares
from services.labels.encode import Looks, check_view, look_at
from services.labels.vectors import TextVectors, without_own_axes
from services.progress import Progress

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Names:
    """What the labeller made of the regions.

    Attributes:
        namings: One for each region.
        labeller: Which model; None when none worked or none was asked.
        error: Why there are no names although they were asked for.
    """

    namings: Sequence[Naming]
    labeller: ModelInfo | None = None
    error: str | None = None


class Labelling:
    """Names regions and whole photographs. Holds no request state: many threads share it.

    Args:
        labeller: Looks at them.
        texts: Encoded vocabularies.
        looks: Keeps what the labeller saw.
        pool: Looks at regions side by side.
    """

    def __init__(
        self, labeller: ModelProvider[DualEncoder], texts: TextVectors, looks: Cache, pool: WorkerPool
    ) -> None:
        self._labeller = labeller
        self._texts = texts
        self._pool = pool
        self._looks = looks

    def check(self, options: NamingOptions | None) -> None:
        """Refuse a view before anything is computed; that there is no labeller is told with the masks.

        Raises:
            InvalidRequest: The labeller has no such view.
        """
        if options is not None and options.view is not None:
            with suppress(ModelUnavailable):
                check_view(options.view, self._labeller.get())

    def regions(
        self, photo: Photo, found: FoundMasks, options: NamingOptions | None, progress: Progress
    ) -> Names:
        """What the regions are called; nameless ones where nobody asked, or no labeller works."""
        nameless = [NAMELESS] * len(found.regions)
        if options is None:
            return Names(nameless)
        try:
            encoder = self._labeller.get()
        except ModelUnavailable as error:
            logger.warning("no labeller, regions stay nameless: %s", error.message)
            return Names(nameless, error=error.message)
        looks = self._look_at_regions(encoder, photo, found, check_view(options.view, encoder), progress)
        with progress.stage("classify"):
            return Names(name(looks, encoder, self._texts, options, progress.check), encoder.info)

    def picture(self, photo: Photo, vocabulary: Vocabulary, progress: Progress) -> Floats:
        """Probabilities [L + 1] of the names for the whole photograph; that of the reject class stands last.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        encoder = self._labeller.get()
        looks = self.look_at_picture(photo, progress)
        with progress.stage("classify"):
            row: Floats = shares(looks, encoder, self._texts, vocabulary, progress.check)[0]
        return row

    def robust_picture(
        self, photo: Photo, vocabulary: Vocabulary, progress: Progress
    ) -> tuple[Floats, Quality]:
        """The same averaged over views that see through damage, and what is damaged.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        encoder = self._labeller.get()
        seen = self._look_through_damage(encoder, photo, progress)
        with progress.stage("classify"):
            row: Floats = shares(seen.looks, encoder, self._texts, vocabulary, progress.check).mean(axis=0)
        return row, seen.quality

    def look_at_regions(self, photo: Photo, found: FoundMasks, progress: Progress) -> Looks:
        """What the labeller sees in the regions, in the view that suits it.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        encoder = self._labeller.get()
        return self._look_at_regions(encoder, photo, found, check_view(None, encoder), progress)

    def look_at_picture(self, photo: Photo, progress: Progress) -> Looks:
        """What the labeller sees in the whole photograph.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        encoder = self._labeller.get()

        def look() -> Looks:
            with progress.stage("classify"):
                return Looks.of(encoder.encode_images([photo.rgb(progress)]), encoder)

        return self._looks.get_or_compute(_key(encoder, "picture", photo.key), look, progress.check)

    def comparable(self, vectors: Floats) -> Floats:
        """Vectors [N, D] of pictures or texts without what is for naming only: unit vectors [N, d].

        Raises:
            ModelUnavailable: There is no labeller.
        """
        return without_own_axes(vectors, self._labeller.get().own_axes)

    def read(self, vocabulary: Vocabulary) -> Floats:
        """What the labeller makes of the texts of a vocabulary: unit vectors [T, D].

        Raises:
            ModelUnavailable: There is no labeller.
        """
        return self._texts.of(vocabulary, self._labeller.get()).vectors

    def _look_through_damage(self, encoder: DualEncoder, photo: Photo, progress: Progress) -> RobustLooks:
        def look() -> RobustLooks:
            return look_through_damage(photo, encoder, self._pool, progress)

        return self._looks.get_or_compute(_key(encoder, "robust", photo.key), look, progress.check)

    def _look_at_regions(
        self, encoder: DualEncoder, photo: Photo, found: FoundMasks, view: View, progress: Progress
    ) -> Looks:
        def look() -> Looks:
            with progress.stage("classify"):
                return look_at(photo.rgb(progress), found.regions, encoder, view, self._pool, progress)

        return self._looks.get_or_compute(_key(encoder, view, found.key), look, progress.check)

    @property
    def labeller(self) -> ModelInfo:
        """Which model names.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        return self._labeller.get().info


def _key(encoder: DualEncoder, view: str, what: Hashable) -> Hashable:
    return "looks", encoder.info.sha256, view, what
