"""GET / and what the page there is made of: files of web/ and the example photographs."""

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

ROOT = Path(__file__).resolve().parents[2]
WEB_DIR = ROOT / "web"
EXAMPLES_DIR = ROOT / "examples"

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""No script or style but the service's own files, nothing from elsewhere, not inside another page."""


def blueprint() -> Blueprint:
    """The routes; they are for people, so the specification leaves them out."""
    pages = Blueprint("page", __name__, static_folder=WEB_DIR, static_url_path="/page")

    @pages.get("/")
    def home() -> Response:
        return pages.send_static_file("index.html")

    @pages.get("/page/examples/<name>")
    def example(name: str) -> Response:
        return send_from_directory(EXAMPLES_DIR, name)

    @pages.after_request
    def guard(response: Response) -> Response:
        response.headers.update(SECURITY_HEADERS)
        return response

    return pages
