"""POST /upload."""

from flask import Response, request
from flask_openapi3 import APIBlueprint, FileStorage, Tag
from pydantic import BaseModel, Field

from api.contract.common import ErrorAnswer
from api.contract.upload import UploadAnswer, upload_answer
from api.http.replies import json_response
from domain.errors import MalformedRequest, UnsupportedMedia
from services.images.upload import ImageService
from services.progress import Progress


class UploadForm(BaseModel):
    """A multipart form with the photograph."""

    image: FileStorage = Field(description="JPEG, PNG, WebP, BMP, TIFF or GIF (its first frame).")


def blueprint(images: ImageService) -> APIBlueprint:
    """The route over `images`."""
    routes = APIBlueprint("uploads", __name__, abp_tags=[Tag(name="images")])

    @routes.post(
        "/upload",
        summary="Keep a photograph",
        description="Takes a multipart form with the file field `image`, or the bytes of the file as body.",
        responses={201: UploadAnswer, **dict.fromkeys((400, 413, 415, 422, 500, 503), ErrorAnswer)},
    )
    def upload() -> Response:
        progress = Progress()
        with progress.stage("upload"):
            record = images.upload(_uploaded_bytes())
        return json_response(upload_answer(record, progress), 201)

    return routes


def _uploaded_bytes() -> bytes:
    """Bytes of the form's file, or of the raw body."""
    if request.mimetype == "multipart/form-data":
        return _form_file_bytes()
    if request.mimetype == "application/json":
        raise UnsupportedMedia(
            "expected a multipart form with a file field `image` or an image as body, got JSON"
        )
    data: bytes = request.get_data(cache=False, parse_form_data=False)
    if not data:
        raise MalformedRequest(
            "expected a multipart form with a file field `image` or an image as body, got nothing"
        )
    return data


def _form_file_bytes() -> bytes:
    file = request.files.get("image")
    if file is None:
        sent = [*request.files, *(f"{name} (text)" for name in request.form)]
        got = ", ".join(sorted(sent)) or "none (is the boundary right?)"
        raise MalformedRequest(f"expected a file field named `image`, got fields: {got}")
    data: bytes = file.read()
    return data
