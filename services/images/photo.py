"""A photograph on its way through the services, decoded only if somebody looks at it."""

from collections.abc import Callable
from typing import Self

from domain.arrays import Rgb
from services.progress import Progress


class Photo:
    """One upright photograph of one request.

    Args:
        key: Names it in caches: no two photographs share one.
        width: Pixels.
        height: Pixels.
        load: Gives its pixels, uint8 [H, W, 3]; called at most once.
    """

    def __init__(self, key: str, width: int, height: int, load: Callable[[], Rgb]) -> None:
        self.key = key
        self.width = width
        self.height = height
        self._load = load
        self._rgb: Rgb | None = None

    @classmethod
    def of(cls, rgb: Rgb, key: str) -> Self:
        """A photograph whose pixels are at hand."""
        height, width = rgb.shape[:2]
        return cls(key, width, height, lambda: rgb)

    def rgb(self, progress: Progress) -> Rgb:
        """Its pixels, uint8 [H, W, 3].

        Raises:
            NotFound: It expired meanwhile.
            StorageUnavailable: The store cannot read.
        """
        if self._rgb is None:
            with progress.stage("load"):
                self._rgb = self._load()
        return self._rgb
