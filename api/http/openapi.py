"""The app class and the helpers by which routes describe themselves in /openapi.json."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.resources import files
from typing import Any

from flask_openapi3 import APIBlueprint, Info, OpenAPI, Tag
from flask_openapi3.models import MediaType, RequestBody, Schema
from pydantic import BaseModel

from api.contract.common import ErrorAnswer
from api.contract.form_body import form_schema
from api.contract.images import ImageFields
from api.contract.validation import raise_invalid_request
from api.http.form_parser import MULTIPART
from api.http.json_body import JsonRequest

API_DESCRIPTION = (
    "Upload an image, get every region back as a mask with a label, a confidence and an overlay."
)

BINARY = MediaType(schema=Schema(type="string", schema_format="binary"))
"""Bytes of a file."""


class OpenApiApp(OpenAPI):
    """The Flask app: validates requests with the schemas that /openapi.json is generated from."""

    request_class = JsonRequest

    @cached_property
    def openapi_json(self) -> str:
        """The document of /openapi.json; it is made once, when all routes are registered."""
        return self.json.dumps(_without_default_422(self.api_doc), separators=(",", ":"))


def _without_default_422(specification: dict[str, Any]) -> dict[str, Any]:
    """Return the specification without the 422 that the library adds to operations without validation."""
    for path in specification["paths"].values():
        for operation in path.values():
            answer = operation["responses"].get("422", {}).get("content", {}).get("application/json", {})
            if answer.get("schema", {}).get("type") == "array":
                del operation["responses"]["422"]
    return specification


def new_app(version: str) -> OpenApiApp:
    """Return an app without routes."""
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


def new_blueprint(name: str, tag: str, description: str) -> APIBlueprint:
    """Return a blueprint whose operations have the names of their functions as ids in OpenAPI.

    Args:
        name: Name of the blueprint, which is that of its file.
        tag: Heading of its operations in the API documents.
        description: Text below the heading.
    """
    return APIBlueprint(
        name,
        f"api.routes.{name}",
        abp_tags=[Tag(name=tag, description=description)],
        operation_id_callback=_operation_id,
    )


def _operation_id(*, name: str, path: str, method: str) -> str:  # noqa: ARG001
    return name


def schema_of(model: type[BaseModel]) -> MediaType:
    """Return the media type entry of a body with the schema of `model`."""
    return MediaType(schema=Schema(**model.model_json_schema()))


def describe_body(
    routes: APIBlueprint, path: str, content: dict[str, MediaType], required: bool = True
) -> None:
    """Describe the body of POST `path`, which its handler parses itself.

    Args:
        routes: Blueprint of the handler.
        path: Path as OpenAPI writes it, such as /depth/{file_id}.
        content: Media type entries by media type.
        required: Whether the body may not be left out.
    """
    routes.paths[path].post.requestBody = RequestBody(content=content, required=required)


def describe_form(routes: APIBlueprint, path: str, request: type[ImageFields]) -> None:
    """Add to POST `path` the form that stands for a JSON body with an image.

    Args:
        routes: Blueprint of the handler.
        path: Path as OpenAPI writes it.
        request: The JSON body.
    """
    body = routes.paths[path].post.requestBody
    body.content[MULTIPART] = MediaType(
        schema=Schema(**form_schema(request, request.stores_forms, request.most_files))
    )


def describe_documents(
    routes: APIBlueprint, path: str, schemas: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Add documents to the answer 200 of POST `path`.

    Args:
        routes: Blueprint of the handler.
        path: Path as OpenAPI writes it.
        schemas: Schemas of the documents by media type; those of a media type that the answer has already
            are alternatives to it.
    """
    content = routes.paths[path].post.responses["200"].content
    for media_type, documents in schemas.items():
        before = [content[media_type].media_type_schema] if media_type in content else []
        content[media_type] = MediaType(schema=Schema(anyOf=[*before, *(Schema(**one) for one in documents)]))
