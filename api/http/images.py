"""Images of a request: uploaded before the request, or sent with it."""

import hashlib
from collections.abc import Sequence
from functools import partial

from flask import request

from api.contract.common import RequestImage
from services.images.photo import Photo
from services.images.upload import ImageService


def stored_images(images: ImageService, file_ids: Sequence[str]) -> list[RequestImage]:
    """Return images that were uploaded before."""
    return [RequestImage({"file_id": file_id}, partial(images.photo, file_id)) for file_id in file_ids]


def form_images(images: ImageService) -> list[RequestImage]:
    """Return the images in the file fields `image` of the form; they are not stored."""
    files = request.files.getlist("image")
    return [_form_image(images, file.filename or "", file.read()) for file in files]


def _form_image(images: ImageService, name: str, data: bytes) -> RequestImage:
    key = "sha256:" + hashlib.sha256(data).hexdigest()
    return RequestImage({"name": name}, lambda: Photo.of(images.read(data), key))
