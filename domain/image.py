"""What is known of an uploaded photograph without decoding it again."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ImageRecord:
    """One stored photograph.

    Attributes:
        file_id: Random name, not guessable.
        width: Pixels of the upright image.
        height: Pixels of the upright image.
        format: Of the uploaded file, e.g. "JPEG".
        bytes: Size of the uploaded file.
        created_at: Unix seconds.
        expires_at: Unix seconds; None keeps the image.
    """

    file_id: str
    width: int
    height: int
    format: str
    bytes: int
    created_at: float
    expires_at: float | None

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"expected a size of at least 1x1, got {self.width}x{self.height}")

    def expired(self, now: float) -> bool:
        """Whether the image is past its time at `now` (Unix seconds)."""
        return self.expires_at is not None and now >= self.expires_at
