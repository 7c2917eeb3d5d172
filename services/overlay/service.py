"""Draws overlays as PNG files and keeps them."""

from dataclasses import dataclass
from pathlib import Path

from domain.masks import FoundMasks
from domain.ports.stores import Cache
from services.images.photo import Photo
from services.images.png import png_file
from services.labels.service import Names
from services.overlay.draw import draw_overlay
from services.overlay.regions import OverlayItem
from services.progress import Progress


@dataclass(frozen=True)
class PngFile:
    """An image file.

    Attributes:
        png: Its bytes.
    """

    png: bytes

    @property
    def nbytes(self) -> int:
        """Bytes of the file."""
        return len(self.png)


class Overlays:
    """Draws what was found on the photograph. Holds no request state: many threads share it.

    Args:
        pictures: Keeps them.
        font: TrueType font of the names; None: DejaVu Sans.
    """

    def __init__(self, pictures: Cache, font: Path | None = None) -> None:
        self._pictures = pictures
        self._font = font

    def draw(self, photo: Photo, found: FoundMasks, names: Names, progress: Progress) -> PngFile:
        """The photograph with regions and names on it."""
        named = names.labeller is not None
        chosen = tuple(
            (naming.chosen.label if named else "", naming.chosen.confidence) for naming in names.namings
        )

        def draw() -> PngFile:
            items = [
                OverlayItem(region.rle, region.xywh, label, confidence)
                for region, (label, confidence) in zip(found.regions, chosen, strict=True)
            ]
            with progress.stage("overlay"):
                return PngFile(png_file(draw_overlay(photo.rgb(progress), items, self._font)))

        return self._pictures.get_or_compute((found.key, chosen), draw, progress.check)
