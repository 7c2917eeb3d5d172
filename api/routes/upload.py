"""POST /upload and GET /upload/{file_id}/image."""

from flask import Response, request
from flask_openapi3 import FileStorage
from flask_openapi3.models import Response as OpenApiResponse
from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import ErrorAnswer
from api.contract.upload import UploadAnswer, UploadedImagePath, upload_answer
from api.http.context import context
from api.http.form_parser import MULTIPART
from api.http.openapi import BINARY, describe_body, new_blueprint, schema_of
from api.http.replies import json_response, responses
from domain.errors import MalformedRequest, UnsupportedMedia
from services.images.png import encode_png
from services.progress import Progress

IMAGE_MIME_TYPES = ("image/*", "application/octet-stream")
PNG_MIME_TYPE = "image/png"

routes = new_blueprint("upload", "images", "Whole images: upload, labels, captions, moderation.")


class UploadForm(BaseModel):
    """A form with the image file."""

    model_config = ConfigDict(extra="forbid")

    image: FileStorage = Field(
        description="Image file: JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC or AVIF. The first page is used."
    )


@routes.post(
    "/upload",
    summary="Upload an image",
    description="The body is a multipart form with the file field `image`, or the bytes of the file.",
    responses=responses(UploadAnswer, 400, 413, 415, 422, 500, 503, status=201),
)
def upload() -> Response:
    """Check, decode and store the image."""
    progress = Progress()
    with progress.stage("upload"):
        record = context().images.upload(_sent_bytes())
    return json_response(upload_answer(record, progress), 201)


@routes.get(
    "/upload/<file_id>/image",
    summary="Get the pixels that everything is computed on",
    description="The answer is a PNG file of the image: sRGB, upright, on its background, in 8 bits.",
    responses=dict.fromkeys((400, 404, 422, 500, 503), ErrorAnswer),
)
def get_uploaded_image(path: UploadedImagePath) -> Response:
    """Answer with the decoded image as a PNG file."""
    photo = context().images.photo(path.file_id)
    return Response(encode_png(photo.rgb(Progress())), mimetype=PNG_MIME_TYPE)


routes.paths["/upload/{file_id}/image"].get.responses["200"] = OpenApiResponse(
    description="A PNG file.", content={PNG_MIME_TYPE: BINARY}
)

describe_body(
    routes,
    "/upload",
    {"multipart/form-data": schema_of(UploadForm), **dict.fromkeys(IMAGE_MIME_TYPES, BINARY)},
)


def _sent_bytes() -> bytes:
    """Return the bytes of the form's file, or of the raw body."""
    if request.mimetype == MULTIPART:
        return bytes(request.files["image"].read())
    if request.mimetype == "application/json":
        raise UnsupportedMedia(
            "expected a multipart form with a file field `image`, or an image as the body, got JSON"
        )
    data: bytes = request.get_data(cache=False, parse_form_data=False)
    if not data:
        raise MalformedRequest(
            "expected a multipart form with a file field `image`, or an image as the body, got an empty body"
        )
    return data
