"""Serves /openapi.json and /docs; the page's assets come from an installed package, so it works offline."""

from importlib.resources import files
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, url_for
from flask_openapi3 import Info, OpenAPI
from flask_openapi3.models import MediaType, RequestBody, Schema
from pydantic import BaseModel
from werkzeug.wrappers import Response as AnyResponse

from api.json_request import JsonRequest
from api.routes.uploads import UploadForm
from api.schemas.answer import ErrorAnswer
from api.schemas.classify_request import ClassifyForm, ClassifyRequest
from api.schemas.text_answer import TextBody
from api.validation import raise_invalid

IMAGE_TYPES = ("image/*", "application/octet-stream")
DESCRIPTION = "Upload a photograph, get every region back as a mask with a name, a confidence and an overlay."


class Api(OpenAPI):
    """The Flask app: validates requests with the schemas that /openapi.json is generated from."""

    request_class = JsonRequest


def new_app(version: str) -> Api:
    """An app without routes."""
    return Api(
        "seglabel",
        root_path=str(files("api")),
        info=Info(title="seglabel", version=version, description=DESCRIPTION),
        validation_error_model=ErrorAnswer,
        validation_error_callback=raise_invalid,
        security_schemes={},
        doc_ui=False,
        static_folder=None,
    )


def describe_upload(app: Api) -> None:
    """Say in the specification that /upload takes a form or a bare file."""
    raw = MediaType(schema=Schema(type="string", schema_format="binary"))
    form = MediaType(schema=Schema(**UploadForm.model_json_schema()))
    content = {"multipart/form-data": form, **dict.fromkeys(IMAGE_TYPES, raw)}
    app.paths["/upload"].post.requestBody = RequestBody(content=content, required=True)


def describe_text(app: Api) -> None:
    """Say in the specification that /extract_text takes a body, and does not need one."""
    content = {"application/json": MediaType(schema=Schema(**TextBody.model_json_schema()))}
    app.paths["/extract_text/{file_id}"].post.requestBody = RequestBody(content=content, required=False)


def describe_classify(app: Api) -> None:
    """Say in the specification that /classify takes JSON, or a form with images."""
    models: dict[str, type[BaseModel]] = {
        "application/json": ClassifyRequest,
        "multipart/form-data": ClassifyForm,
    }
    content = {kind: MediaType(schema=Schema(**model.model_json_schema())) for kind, model in models.items()}
    app.paths["/classify"].post.requestBody = RequestBody(content=content, required=True)


def _without_invented_errors(specification: dict[str, Any]) -> dict[str, Any]:
    """The specification without the 422 that the library adds to operations that validate nothing."""
    for path in specification["paths"].values():
        for operation in path.values():
            answer = operation["responses"].get("422", {}).get("content", {}).get("application/json", {})
            if answer.get("schema", {}).get("type") == "array":
                del operation["responses"]["422"]
    return specification


def docs(app: Api) -> Blueprint:
    """The pages about the API."""
    assets = files("flask_openapi3_swagger") / "templates" / "swagger"
    pages = Blueprint(
        "docs",
        __name__,
        static_folder=str(assets),
        static_url_path="/docs/assets",
        template_folder="templates",
    )

    @pages.get("/openapi.json")
    def specification() -> Response:
        return jsonify(_without_invented_errors(app.api_doc))

    @pages.get("/docs")
    def page() -> str:
        return render_template("docs.html")

    @pages.get("/")
    def home() -> AnyResponse:
        return redirect(url_for("docs.page"))

    return pages
