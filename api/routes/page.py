"""The pages for people: GET /, /page/*, /docs and /openapi.json."""

from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, send_from_directory

from api.http.openapi import OpenApiApp

ROOT = Path(__file__).resolve().parents[2]
WEB_DIR = ROOT / "web"
EXAMPLES_DIR = ROOT / "examples"
SWAGGER_DIR = files("flask_openapi3_swagger") / "templates" / "swagger"
"""Assets of the API documents; they come from an installed package, so that /docs works offline."""

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""The page runs no script or style but the service's own files and is not shown inside another page."""

pages = Blueprint("page", __name__, static_folder=WEB_DIR, static_url_path="/page")
api_docs = Blueprint("docs", __name__, static_folder=str(SWAGGER_DIR), static_url_path="/docs/assets")


@pages.get("/")
def home() -> Response:
    """Serve the page."""
    return pages.send_static_file("index.html")


@pages.get("/page/examples/<name>")
def page_example(name: str) -> Response:
    """Serve an example image."""
    return send_from_directory(EXAMPLES_DIR, name)


@pages.after_request
def add_security_headers(response: Response) -> Response:
    """Add the headers that protect the page."""
    response.headers.update(SECURITY_HEADERS)
    return response


@api_docs.get("/openapi.json")
def openapi() -> Response:
    """Serve the OpenAPI document."""
    assert isinstance(current_app, OpenApiApp)
    return Response(current_app.openapi_json, mimetype="application/json")


@api_docs.get("/docs")
def docs() -> str:
    """Serve the API documents as a page."""
    return render_template("docs.html")
