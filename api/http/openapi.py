"""Serves /openapi.json and /docs; the page's assets come from an installed package, so it works offline."""

from importlib.resources import files
from typing import Any

from flask import Blueprint, Response, jsonify, render_template
from flask_openapi3 import APIBlueprint, Info, OpenAPI
from flask_openapi3.models import MediaType, RequestBody, Schema
from pydantic import BaseModel

from api.contract.classify import ClassifyRequest
from api.contract.common import ErrorAnswer
from api.contract.extract_text import ExtractTextRequest
from api.contract.similar import SimilarForm, SimilarRequest
from api.contract.validation import raise_invalid_request
from api.http.json_body import JsonRequest
from api.routes.classify import ClassifyForm
from api.routes.depth import NPY_MIME_TYPE
from api.routes.upload import UploadForm

IMAGE_MIME_TYPES = ("image/*", "application/octet-stream")
API_DESCRIPTION = (
    "Upload a photograph, get every region back as a mask with a name, a confidence and an overlay."
)


class OpenApiApp(OpenAPI):
    """The Flask app: validates requests with the schemas that /openapi.json is generated from."""

    request_class = JsonRequest

    def register_api(self, api: APIBlueprint, **options: Any) -> None:
        """Add routes; the specification keeps what other blueprints answer on the same paths."""
        for path in self.paths.keys() & api.paths.keys():
            known = {method: does for method, does in self.paths[path] if does is not None}
            api.paths[path] = api.paths[path].model_copy(update=known)
        super().register_api(api, **options)


def new_app(version: str) -> OpenApiApp:
    """An app without routes."""
    return OpenApiApp(
        "seglabel",
        root_path=str(files("api")),
        info=Info(title="seglabel", version=version, description=API_DESCRIPTION),
        validation_error_model=ErrorAnswer,
        validation_error_callback=raise_invalid_request,
        security_schemes={},
        doc_ui=False,
        static_folder=None,
    )


def describe_upload(app: OpenApiApp) -> None:
    """Say in the specification that /upload takes a form or a bare file."""
    raw = MediaType(schema=Schema(type="string", schema_format="binary"))
    form = MediaType(schema=Schema(**UploadForm.model_json_schema()))
    content = {"multipart/form-data": form, **dict.fromkeys(IMAGE_MIME_TYPES, raw)}
    app.paths["/upload"].post.requestBody = RequestBody(content=content, required=True)


def describe_text(app: OpenApiApp) -> None:
    """Say in the specification that /extract_text takes a body, and does not need one."""
    content = {"application/json": MediaType(schema=Schema(**ExtractTextRequest.model_json_schema()))}
    app.paths["/extract_text/{file_id}"].post.requestBody = RequestBody(content=content, required=False)


def describe_depth(app: OpenApiApp) -> None:
    """Say in the specification that /depth may answer with numpy's file format."""
    binary = MediaType(schema=Schema(type="string", schema_format="binary"))
    app.paths["/depth/{file_id}"].get.responses["200"].content[NPY_MIME_TYPE] = binary


def describe_classify(app: OpenApiApp) -> None:
    """Say in the specification that /classify takes JSON, or a form with images."""
    describe_json_or_form(app, "/classify", ClassifyRequest, ClassifyForm)


def describe_similar(app: OpenApiApp) -> None:
    """Say in the specification that /similar takes JSON, or a form with an image."""
    describe_json_or_form(app, "/similar", SimilarRequest, SimilarForm)


def describe_json_or_form(app: OpenApiApp, path: str, body: type[BaseModel], form: type[BaseModel]) -> None:
    """Describe the body of POST `path` as JSON or a multipart form."""
    models = {"application/json": body, "multipart/form-data": form}
    content = {kind: MediaType(schema=Schema(**model.model_json_schema())) for kind, model in models.items()}
    app.paths[path].post.requestBody = RequestBody(content=content, required=True)


def _without_default_422(specification: dict[str, Any]) -> dict[str, Any]:
    """The specification without the 422 that the library adds to operations that validate nothing."""
    for path in specification["paths"].values():
        for operation in path.values():
            answer = operation["responses"].get("422", {}).get("content", {}).get("application/json", {})
            if answer.get("schema", {}).get("type") == "array":
                del operation["responses"]["422"]
    return specification


def docs_blueprint(app: OpenApiApp) -> Blueprint:
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
        return jsonify(_without_default_422(app.api_doc))

    @pages.get("/docs")
    def page() -> str:
        return render_template("docs.html")

    return pages
