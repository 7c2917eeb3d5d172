"""The page without a browser: what it is served with, and that it needs nothing from elsewhere."""

import re

import pytest
from flask.testing import FlaskClient

from api.routes.page import EXAMPLES_DIR, WEB_DIR
from tests.contract.shapes import check_error

FILES = sorted(path.relative_to(WEB_DIR).as_posix() for path in WEB_DIR.rglob("*.*"))


@pytest.mark.parametrize("path", ["/", *(f"/page/{file}" for file in FILES)])
def test_every_file_comes_with_the_policy(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        assert answer.status_code == 200
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-cache"


def test_modules_have_a_type_that_browsers_run(client: FlaskClient) -> None:
    with client.get("/page/js/main.js") as answer:
        assert answer.mimetype in ("text/javascript", "application/javascript")


def test_the_page_names_no_other_place_and_holds_no_script() -> None:
    page = (WEB_DIR / "index.html").read_text()
    assert not re.search(r"https?://", page)
    assert not re.search(r"<script(?![^>]* src=)|\sstyle=|\son\w+=", page)
    code = "".join((WEB_DIR / file).read_text() for file in FILES if file.endswith(".js"))
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", code)
    assert not re.search(r"localStorage|sessionStorage|BroadcastChannel|document\.cookie", code)


def test_the_examples_are_there(client: FlaskClient) -> None:
    names = re.findall(r'data-example="([^"]+)"', (WEB_DIR / "index.html").read_text())
    assert len(names) == 4
    for name in names:
        with client.get(f"/page/examples/{name}") as answer:
            assert answer.data == (EXAMPLES_DIR / name).read_bytes()
    check_error(client.get("/page/examples/none.jpg"), 404, "not_found")
    check_error(client.get("/page/../app.py"), 404, "not_found")
