"""The photographs of a request: uploaded before, or sent with it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import request

from domain.errors import InvalidRequest, MalformedRequest
from services.images.photo import Photo
from services.images.upload import ImageService


@dataclass(frozen=True)
class RequestImage:
    """One photograph of a request.

    Attributes:
        named: The member of its entry in the answer that says which one it is.
        open: Gives it, or raises why it cannot be used.
    """

    named: dict[str, str]
    open: Callable[[], Photo]


def stored_images(images: ImageService, file_ids: Sequence[str]) -> list[RequestImage]:
    """Photographs that were uploaded before."""

    def source(file_id: str) -> RequestImage:
        return RequestImage({"file_id": file_id}, lambda: images.photo(file_id))

    return [source(file_id) for file_id in file_ids]


def form_images(images: ImageService, most: int) -> list[RequestImage]:
    """Photographs in the file fields `image` of the form; they are not kept.

    Raises:
        InvalidRequest: More than `most`.
        MalformedRequest: None.
    """
    files = request.files.getlist("image")
    if not files:
        got = ", ".join(sorted(request.files)) or "none"
        raise MalformedRequest(f"expected file fields named `image`, got file fields: {got}")
    if len(files) > most:
        raise InvalidRequest(f"image: expected at most {most} files, got {len(files)}")
    return [_form_image(images, file.filename or "", file.read()) for file in files]


def _form_image(images: ImageService, name: str, data: bytes) -> RequestImage:
    key = "sha256:" + hashlib.sha256(data).hexdigest()
    return RequestImage({"name": name}, lambda: Photo.of(images.read(data), key))
