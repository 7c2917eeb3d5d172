"""An endpoint /X has a route file, a contract file, a service and a contract test of its name."""

import ast
from collections.abc import Iterator
from importlib import import_module

import pytest
from pydantic import BaseModel

from tests.conftest import Build
from tests.rules.source import ROOT, listed, python_files, syntax_tree

PAGE = {"", "page", "docs", "openapi.json"}
"""First segments of the paths that serve pages; they share api/routes/page.py and have no contract."""

ROUTES = {"ready": "health", "metrics": "health", **dict.fromkeys(PAGE, "page")}
"""First segments whose route file has another name."""

CONTRACTS = {"ready": "health", "metrics": "health", **dict.fromkeys(PAGE, None)}
"""First segments whose contract has another name, or that have none."""

SERVICES = {
    "upload": "images",
    "extract_text": "text",
    "moderate": "moderation",
    "index": "search",
    "similar": "search",
    "rank": "search",
    "labels": "vocabularies",
    "vocabularies": "vocabularies",
    **dict.fromkeys({"health", "ready", "metrics", *PAGE}, None),
}
"""First segments whose service has another name, or that have none."""

METHODS = {"get", "post", "put", "patch", "delete", "route"}


def _decorated_urls(tree: ast.Module) -> Iterator[str]:
    """Yield the paths that are written out in the route decorators of a file."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        path = node.args[0]
        if node.func.attr in METHODS and isinstance(path, ast.Constant) and str(path.value).startswith("/"):
            yield str(path.value)


def _urls_of_files() -> dict[str, set[str]]:
    """Return the paths that each route file writes out, by the file's name without its ending."""
    files = [path for path in python_files("api/routes") if not path.endswith("__init__.py")]
    return {
        path.split("/")[-1].removesuffix(".py"): set(_decorated_urls(syntax_tree(path))) for path in files
    }


def _segment(url: str) -> str:
    return url.split("/")[1]


def _route_of(url: str) -> str:
    return ROUTES.get(_segment(url), _segment(url))


URLS = sorted({url for urls in _urls_of_files().values() for url in urls})
SEGMENTS = sorted({_segment(url) for url in URLS})


def test_every_url_of_the_app_is_written_out_in_a_route_file(build: Build) -> None:
    served = {rule.rule for rule in build().url_map.iter_rules() if not rule.endpoint.endswith("static")}
    missing = served - set(URLS)
    assert not missing, (
        f"write these URLs as literals above their functions in api/routes/:{listed(list(missing))}"
    )


def test_a_route_file_serves_the_urls_of_its_name() -> None:
    strangers = [
        f"{url} is served by api/routes/{name}.py, expected api/routes/{_route_of(url)}.py"
        for name, urls in _urls_of_files().items()
        for url in urls
        if _route_of(url) != name
    ]
    assert not strangers, listed(strangers)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_an_endpoint_has_its_four_files(segment: str) -> None:
    route, contract = ROUTES.get(segment, segment), CONTRACTS.get(segment, segment)
    service = SERVICES.get(segment, segment)
    expected = [f"api/routes/{route}.py", f"tests/contract/test_{route}.py"]
    expected += [f"api/contract/{contract}.py"] if contract else []
    missing = [path for path in expected if not (ROOT / path).is_file()]
    if service and not (
        (ROOT / f"services/{service}.py").is_file() or (ROOT / f"services/{service}").is_dir()
    ):
        missing.append(f"services/{service}.py or services/{service}/")
    assert not missing, f"the endpoint /{segment} lacks{listed(missing)}"


def test_every_request_refuses_unknown_members() -> None:
    loose = []
    for path in python_files("api/contract"):
        module = import_module(path.removesuffix(".py").replace("/", "."))
        for name, model in vars(module).items():
            request = name.endswith("Request") and isinstance(model, type) and issubclass(model, BaseModel)
            if request and model.model_config.get("extra") != "forbid":
                loose.append(f"{module.__name__}.{name}")
    assert not loose, f"give these model_config = ConfigDict(extra='forbid'): {loose}"
