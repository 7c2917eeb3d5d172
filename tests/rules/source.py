"""Read the product's source files as syntax trees, for the tests of the rules."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PACKAGES = ("adapters", "api", "commands", "config", "domain", "models", "services")
"""Packages of the product; tools/ and tests/ are none of it."""

MODULES = ("app.py", "bootstrap.py", "cli.py", "gunicorn.conf.py")
"""Files of the product beside its packages."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files(*folders: str) -> list[str]:
    """Return the paths of all Python files below the folders, relative to the root, in order."""
    files = (file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    return sorted(file.relative_to(ROOT).as_posix() for file in files if "__pycache__" not in file.parts)


def product_files() -> list[str]:
    """Return the paths of all Python files of the product, relative to the root."""
    return [*python_files(*PACKAGES), *(name for name in MODULES if (ROOT / name).exists())]


@cache
def syntax_tree(path: str) -> ast.Module:
    """Return the syntax tree of a file; its path is relative to the root."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), path)


def line_count(path: str) -> int:
    """Return the number of lines of a file."""
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())


def definitions(path: str) -> Iterator[Definition]:
    """Yield the classes and functions at the top level of a file."""
    yield from (
        node
        for node in syntax_tree(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    )


def module_name(path: str) -> str:
    """Return the dotted name under which a file is imported."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports(path: str) -> set[str]:
    """Return the dotted names that a file imports anywhere, `from a.b import c` as both a.b and a.b.c."""
    found = set()
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def imports_package(path: str, *packages: str) -> bool:
    """Return whether a file imports one of the packages or anything inside them."""
    return any(
        name == package or name.startswith(f"{package}.") for name in imports(path) for package in packages
    )


def listed(lines: Iterator[str] | list[str]) -> str:
    """Return the lines as the end of a failure message."""
    return "\n  " + "\n  ".join(sorted(lines))
