"""POST /upload, GET and DELETE /upload/{file_id}, GET /upload/{file_id}/image: the path and the answers."""

from typing import Any

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


class UploadFactsAnswer(UploadAnswer):
    """The facts about a stored image."""

    model_config = answer_config(
        {
            "file_id": EXAMPLE_FILE_ID,
            "width": 600,
            "height": 400,
            "format": "JPEG",
            "expires_at": "2026-01-31T12:00:00+00:00",
            "bytes": 48211,
            "created_at": "2026-01-30T12:00:00+00:00",
        }
    )

    bytes: int = Field(ge=1, description="Size of the file in bytes.")
    created_at: str = Field(description="Time of the upload in ISO 8601, UTC.")


class DeleteUploadAnswer(Answer):
    """The image that was deleted."""

    model_config = answer_config({"file_id": EXAMPLE_FILE_ID})

    file_id: str = Field(description="Id of the image.")


def upload_answer(record: ImageRecord, progress: Progress) -> UploadAnswer:
    """Return the answer for an image that was stored."""
    return UploadAnswer(**_facts(record), timings_ms=progress.timings_ms)


def upload_facts_answer(record: ImageRecord) -> UploadFactsAnswer:
    """Return the answer about a stored image."""
    created_at = str(iso_utc(record.created_at))
    return UploadFactsAnswer(**_facts(record), bytes=record.bytes, created_at=created_at)


def _facts(record: ImageRecord) -> dict[str, Any]:
    return dict(
        file_id=record.file_id,
        width=record.width,
        height=record.height,
        format=record.format,
        expires_at=iso_utc(record.expires_at),
        **({"page_count": record.page_count} if record.page_count > 1 else {}),
        **({} if record.background is None else {"background": record.background}),
        **({"warnings": list(record.warnings)} if record.warnings else {}),
    )
