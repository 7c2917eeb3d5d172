"""A docstring is a sentence of its own: it does not begin as the subordinate clause of a missing one."""

import ast
from collections.abc import Iterator

from tests.rules.source import Definition, listed, product_files, python_files, syntax_tree

OPENINGS = ("What", "How", "Which", "Whether", "Of", "Where", "Why")


def test_no_docstring_opens_with_a_fragment() -> None:
    files = [*product_files(), *python_files("tools")]
    fragments = [
        f"{path}:{line}: {text.splitlines()[0]}"
        for path in files
        for line, text in _docstrings(syntax_tree(path))
        if text.split(maxsplit=1)[:1] and text.split(maxsplit=1)[0].rstrip(",:;.") in OPENINGS
    ]
    assert not fragments, (
        f"begin these {len(fragments)} docstrings with a verb or a subject, not with {', '.join(OPENINGS)}:"
        + listed(fragments)
    )


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of the docstrings of a module and of its public members, attributes included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | Definition) and not getattr(node, "name", "").startswith("_"):
            yield from _strings_of(node)


def _strings_of(node: ast.Module | Definition) -> Iterator[tuple[int, str]]:
    """Yield line and text of each string statement of a body: the docstring and those below assignments."""
    bodies = node.body if isinstance(node, ast.Module | ast.ClassDef) else node.body[:1]
    for statement in bodies:
        value = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield statement.lineno, value.value.strip()
