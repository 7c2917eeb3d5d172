"""The image of a request: the `file_id` of an upload, or an image that is sent in the call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, WithJsonSchema, model_validator

from api.contract.common import EXAMPLE_FILE_ID, Answer, FileId
from api.contract.form_body import FormBody, SentFile, form_members
from services.images.photo import Photo
from services.images.upload import ImageService

MAX_BATCH_IMAGES = 1000

MAX_URL_CHARS = 8192

IMAGE_SOURCES = ("file_id", "file_ids", "image", "image_url")
"""Members of which a request about images has exactly one."""

SentImage = Annotated[
    Annotated[str, Tag("<text>")] | Annotated[tuple[SentFile, ...], Tag("<files>")],
    Discriminator(lambda value: "<files>" if isinstance(value, tuple) else "<text>"),
    WithJsonSchema({"type": "string"}),
]
"""Base64 or a data URL in JSON, or the files of a form."""


@dataclass(frozen=True)
class RequestImage:
    """One image of a request that may contain several.

    Attributes:
        identity: The members of its entry in the answer that identify the image: `file_id`, `name`, or
            neither.
        open: Returns the image, or raises the reason why it cannot be used.
        stored: Id under which the request stored the image; None where it stored nothing.
    """

    identity: Mapping[str, str]
    open: Callable[[], Photo]
    stored: str | None = None

    @classmethod
    def uploaded(cls, images: ImageService, file_id: str) -> Self:
        """Return an image that was uploaded before."""
        return cls({"file_id": file_id}, partial(images.photo, file_id))


class ImageFields(BaseModel):
    """The image of a request, in one of the ways to name or send it.

    Attributes:
        stores_forms: Default of `store` where the image comes in a form.
        most_files: Largest number of files of a form.
    """

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"example": {"file_id": EXAMPLE_FILE_ID}}
    )

    stores_forms: ClassVar[bool] = True
    most_files: ClassVar[int] = 1

    file_id: FileId | None = Field(
        None, description="Id of the image, from POST /upload; or send `image` or `image_url`."
    )
    image: SentImage | None = Field(
        None, description="The image file as base64 or as a data URL, instead of `file_id`."
    )
    image_url: Annotated[str, Field(max_length=MAX_URL_CHARS)] | None = Field(
        None,
        description="http or https URL of the image, instead of `file_id`; for hosts that the setting "
        "SEGLABEL_FETCH_URLS allows.",
    )
    store: bool = Field(
        True,
        description="Store an image that is sent in the call, as POST /upload does; with false, it is not "
        "stored and the answer has no `file_id`.",
    )

    @model_validator(mode="before")
    @classmethod
    def _read_form(cls, body: Any) -> Any:
        if isinstance(body, FormBody):
            return {"store": cls.stores_forms, **form_members(cls, body)}
        return body

    @model_validator(mode="after")
    def _check_single_source(self) -> Self:
        names = [name for name in IMAGE_SOURCES if name in type(self).model_fields]
        given = [name for name in names if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"expected exactly one of {_listed(names)}, got {_listed(given) or 'none'}")
        if not self.store and given[0] not in ("image", "image_url"):
            raise ValueError(f"`store` false expects `image` or `image_url`, got `{given[0]}`")
        return self

    @property
    def uploaded_ids(self) -> list[str]:
        """Ids of images that were uploaded before."""
        several: list[str] | None = getattr(self, "file_ids", None)
        return several or ([] if self.file_id is None else [self.file_id])


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


class ImageRequest(ImageFields):
    """A request about one image."""

    run_async: bool = Field(
        False, alias="async", description="Answer 202 at once with a job that does the work; see /jobs."
    )

    @model_validator(mode="after")
    def _check_stored_job(self) -> Self:
        if self.run_async and not self.store:
            raise ValueError("`async` expects `store` true, because a job reads a stored image; got false")
        return self


class ImageBatchRequest(BaseModel):
    """A request about many images, which becomes one job."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"example": {"file_ids": [EXAMPLE_FILE_ID]}}
    )

    file_ids: list[FileId] = Field(
        min_length=1,
        max_length=MAX_BATCH_IMAGES,
        description="Ids of the images, from POST /upload. If one is invalid, only its entry fails.",
    )


class ImageAnswer(Answer):
    """An answer about one image that may have come in the call."""

    file_id: str | None = Field(
        None, description="Id of the image that was sent in the call and stored; absent otherwise."
    )
