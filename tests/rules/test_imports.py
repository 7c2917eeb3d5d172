"""Only bootstrap.py joins the parts; these tests check what import-linter cannot say.

import-linter reads packages only, so app.py, bootstrap.py and cli.py are checked here. Its wildcards stand
for whole module names, so the files that may import torch are named here too.
"""

from fnmatch import fnmatch

import pytest

from tests.rules.source import imports_package, listed, product_files, python_files

WIRING = {
    "bootstrap.py",
    "commands/models.py",  # It pulls, verifies and exports weights, which needs no service.
}
"""Files that may import adapters and models."""

PROGRAMS = {"cli.py"}
"""Files that may import tools."""

FLASK = ("flask", "flask_cors", "flask_openapi3", "gunicorn", "waitress", "werkzeug")
TORCH = ("torch", "torchvision", "open_clip", "sam2", "timm", "transformers")
DOWNLOADS = ("models.store.download", "models.store.pull", "httpx", "requests", "urllib3")

HOMES = [
    (FLASK, ("app.py", "api/routes/*", "api/http/*", "api/compat/*")),
    (TORCH, ("models/*/torch*.py", "models/*/export.py", "tools/*")),
    (("onnxruntime",), ("models/*/onnx.py", "tools/*")),
    (DOWNLOADS, ("models/store/*", "commands/models.py", "tools/*")),
]
"""Libraries, and patterns of the files that may import them directly."""


def test_adapters_and_models_are_wired_only_in_bootstrap() -> None:
    strangers = [
        path
        for path in product_files()
        if path not in WIRING
        and not path.startswith(("adapters/", "models/"))
        and imports_package(path, "adapters", "models")
    ]
    assert not strangers, f"these files import adapters or models; pass them as arguments:{listed(strangers)}"


def test_nothing_but_the_command_line_imports_tools() -> None:
    strangers = [path for path in product_files() if path not in PROGRAMS and imports_package(path, "tools")]
    assert not strangers, f"tools/ is not part of the service, but these files import it:{listed(strangers)}"


def test_only_entry_points_import_the_wiring() -> None:
    """Commands and tools build services with bootstrap; nothing imports app but the server's own file."""
    strangers = [
        path
        for path in product_files()
        if imports_package(path, "app", "cli")
        or (
            imports_package(path, "bootstrap")
            and not path.startswith(("app.py", "bootstrap.py", "commands/"))
        )
    ]
    assert not strangers, f"these files import the wiring that should build them:{listed(strangers)}"


@pytest.mark.parametrize(("libraries", "homes"), HOMES, ids=[libraries[0] for libraries, _ in HOMES])
def test_a_library_is_imported_only_at_home(libraries: tuple[str, ...], homes: tuple[str, ...]) -> None:
    strangers = [
        path
        for path in [*product_files(), *python_files("tools")]
        if not any(fnmatch(path, home) for home in homes) and imports_package(path, *libraries)
    ]
    assert not strangers, (
        f"{', '.join(libraries)} may be imported by {', '.join(homes)} only, but are by{listed(strangers)}"
    )
