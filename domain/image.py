"""Record of an uploaded image, so that it need not be decoded again."""

from dataclasses import dataclass
from typing import Literal

Background = Literal["white", "grey"]
"""Colour behind the transparent pixels of an image."""


@dataclass(frozen=True)
class ImageRecord:
    """Record of one stored image.

    Attributes:
        file_id: Random id that cannot be guessed.
        width: Width of the upright image in pixels.
        height: Height of the upright image in pixels.
        format: Format of the uploaded file, e.g. "JPEG".
        bytes: Size of the uploaded file in bytes.
        created_at: Time of the upload in Unix seconds.
        expires_at: Time at which the image expires, in Unix seconds; None keeps it for ever.
        background: Colour behind transparent pixels; None if the file has no transparency.
        warnings: Sentences about what in the file was not used, or was guessed.
        page_count: Number of pages or frames of the file, of which the first is the image.
    """

    file_id: str
    width: int
    height: int
    format: str
    bytes: int
    created_at: float
    expires_at: float | None
    background: Background | None = None
    warnings: tuple[str, ...] = ()
    page_count: int = 1

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"expected a size of at least 1x1, got {self.width}x{self.height}")

    def expired(self, now: float) -> bool:
        """Return whether the image has expired at `now`, in Unix seconds."""
        return self.expires_at is not None and now >= self.expires_at
