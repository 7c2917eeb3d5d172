"""POST /upload: the answer. GET /upload/{file_id}/image: the path."""

from pydantic import BaseModel, Field

from api.contract.common import EXAMPLE_FILE_ID, Answer, answer_config, iso_utc
from domain.image import Background, ImageRecord
from services.progress import Progress


class UploadedImagePath(BaseModel):
    """The image of an upload."""

    file_id: str = Field(description="Id of the image, from POST /upload.")


class UploadAnswer(Answer):
    """An image that was stored."""

    model_config = answer_config(
        {
            "file_id": EXAMPLE_FILE_ID,
            "width": 600,
            "height": 400,
            "format": "PNG",
            "expires_at": "2026-01-31T12:00:00+00:00",
            "background": "white",
        }
    )

    file_id: str = Field(description="Id of the image in every other call.")
    width: int = Field(description="Width of the upright image in pixels.")
    height: int = Field(description="Height of the upright image in pixels.")
    format: str = Field(description="Format of the uploaded file.", json_schema_extra={"example": "JPEG"})
    page_count: int | None = Field(
        None,
        ge=2,
        description="Number of pages or frames of the file, of which the first is used; absent if one.",
    )
    expires_at: str | None = Field(
        description="Time in ISO 8601, UTC, when the image is deleted; null when it is kept for ever."
    )
    background: Background | None = Field(
        None,
        description="Colour behind transparent pixels: `white`, or `grey` where white would hide the outline "
        "of what is opaque. It is absent if the file has no transparency.",
    )
    warnings: list[str] | None = Field(
        None,
        description="Sentences about what in the file was not used, or was guessed: a colour profile that is "
        "damaged, the range of deep samples. It is absent if there is nothing to say.",
    )


def upload_answer(record: ImageRecord, progress: Progress) -> UploadAnswer:
    """Return the answer for an image that was stored."""
    answer = UploadAnswer(
        file_id=record.file_id,
        width=record.width,
        height=record.height,
        format=record.format,
        expires_at=iso_utc(record.expires_at),
        **({"page_count": record.page_count} if record.page_count > 1 else {}),
        timings_ms=progress.timings_ms,
    )
    if record.background is not None:
        answer.background = record.background
    if record.warnings:
        answer.warnings = list(record.warnings)
    return answer
