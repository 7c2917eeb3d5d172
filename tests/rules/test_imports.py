"""Only bootstrap.py joins the parts; these tests check what import-linter cannot say."""

from tests.rules.source import imports_package, listed, product_files, python_files

WIRING = {
    "bootstrap.py",
    "commands/models.py",  # Pulls, verifies and exports weights, which needs no service.
}
"""Files that may import adapters and models."""

PROGRAMS = {"cli.py"}
"""Files that may import tools; the command line does so lazily."""


def test_adapters_and_models_are_wired_only_in_bootstrap() -> None:
    strangers = [
        path
        for path in product_files()
        if path not in WIRING
        and not path.startswith(("adapters/", "models/"))
        and imports_package(path, "adapters", "models")
    ]
    assert not strangers, (
        f"these files import adapters or models; take them as arguments instead:{listed(strangers)}"
    )


def test_nothing_but_the_command_line_imports_tools() -> None:
    strangers = [path for path in product_files() if path not in PROGRAMS and imports_package(path, "tools")]
    assert not strangers, f"tools/ is not part of the service, but these files import it:{listed(strangers)}"


def test_flask_is_imported_only_where_http_is_spoken() -> None:
    homes = ("app.py", "api/routes/", "api/http/", "api/compat/")
    strangers = [
        path
        for path in [*product_files(), *python_files("tools")]
        if not path.startswith(homes)
        and imports_package(path, "flask", "werkzeug", "flask_openapi3", "flask_cors")
    ]
    assert not strangers, f"these files import Flask:{listed(strangers)}"
