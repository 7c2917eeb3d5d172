"""Draws overlays of found regions as PNG files, and caches them."""

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
    """An overlay as a file.

    Attributes:
        png: Bytes of the PNG file.
    """

    png: bytes

    @property
    def nbytes(self) -> int:
        """Size of the file in bytes."""
        return len(self.png)


class OverlayService:
    """Draws regions and their labels on images. It holds no request state, so many threads share it.

    Args:
        cache: Cache of overlays.
        font: TrueType font of the tags; None is DejaVu Sans of matplotlib.
    """

    def __init__(self, cache: Cache, font: Path | None = None) -> None:
        self._cache = cache
        self._font = font

    def draw(self, photo: Photo, found: FoundMasks, labels: RegionLabels, progress: Progress) -> OverlayPng:
        """Return the image with the regions drawn on it, and their labels if a labeller made any."""
        labelled = labels.labeller is not None
        chosen = tuple(
            (prediction.chosen.label if labelled else "", prediction.chosen.confidence)
            for prediction in labels.per_region
        )

        def draw() -> OverlayPng:
            items = [
                OverlayRegion(region.rle, region.xywh, label, confidence)
                for region, (label, confidence) in zip(found.regions, chosen, strict=True)
                if region.area
            ]
            with progress.stage("overlay"):
                return OverlayPng(encode_png(draw_overlay(photo.rgb(progress), items, self._font)))

        return self._cache.get_or_compute((found.key, chosen), draw, progress.check)
