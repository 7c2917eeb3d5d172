"""Draws overlays as PNG files and keeps them."""

from dataclasses import dataclass
from pathlib import Path

from domain.masks import FoundMasks
from domain.ports.stores import Cache
from services.images.photo import Photo
from services.images.png import encode_png
from services.labels.service import RegionLabels
from services.overlay.draw import draw_overlay
from services.overlay.regions import OverlayRegion
from services.progress import Progress


@dataclass(frozen=True)
class OverlayPng:
    """An image file.

    Attributes:
        png: Its bytes.
    """

    png: bytes

    @property
    def nbytes(self) -> int:
        """Bytes of the file."""
        return len(self.png)


class OverlayService:
    """Draws what was found on the photograph. Holds no request state: many threads share it.

    Args:
        cache: Keeps them.
        font: TrueType font of the names; None: DejaVu Sans.
    """

    def __init__(self, cache: Cache, font: Path | None = None) -> None:
        self._cache = cache
        self._font = font

    def draw(self, photo: Photo, found: FoundMasks, labels: RegionLabels, progress: Progress) -> OverlayPng:
        """The photograph with regions and names on it."""
        named = labels.labeller is not None
        chosen = tuple(
            (naming.chosen.label if named else "", naming.chosen.confidence) for naming in labels.per_region
        )

        def draw() -> OverlayPng:
            items = [
                OverlayRegion(region.rle, region.xywh, label, confidence)
                for region, (label, confidence) in zip(found.regions, chosen, strict=True)
            ]
            with progress.stage("overlay"):
                return OverlayPng(encode_png(draw_overlay(photo.rgb(progress), items, self._font)))

        return self._cache.get_or_compute((found.key, chosen), draw, progress.check)
