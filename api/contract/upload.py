"""POST /upload."""

from pydantic import Field

from api.contract.common import Answer, iso_utc
from domain.image import ImageRecord
from services.progress import Progress


class UploadAnswer(Answer):
    """Where the photograph is kept."""

    file_id: str = Field(description="Names the photograph in every other call.")
    width: int = Field(description="Pixels of the upright image.")
    height: int = Field(description="Pixels of the upright image.")
    format: str = Field(description="Of the uploaded file.", examples=["JPEG"])
    expires_at: str | None = Field(description="ISO 8601, UTC; null when the image is kept.")


def upload_answer(record: ImageRecord, progress: Progress) -> UploadAnswer:
    """Return the answer for an image that was stored."""
    return UploadAnswer(
        file_id=record.file_id,
        width=record.width,
        height=record.height,
        format=record.format,
        expires_at=iso_utc(record.expires_at),
        timings_ms=progress.timings_ms,
    )
