"""A public name at the top level of a module is defined once in the product."""

from collections import defaultdict

from tests.rules.source import definitions, listed, product_files

SHARED = {"main", "build", "register", "blueprint", "to_options", "answer_of"}
"""Names that stand for one role and may be defined by each file that has it."""

INTERFACES = ("api/routes/", "commands/")
"""Folders in which a route and a command may have one name, because both are called like the URL."""


def test_no_public_name_is_defined_twice() -> None:
    places = defaultdict(list)
    for path in product_files():
        for node in definitions(path):
            if not node.name.startswith("_") and node.name not in SHARED:
                places[node.name].append(path)
    doubled = [f"{name}: {', '.join(paths)}" for name, paths in places.items() if not _may_share(paths)]
    assert not doubled, f"one name has one meaning; rename all but one of each:{listed(doubled)}"


def _may_share(paths: list[str]) -> bool:
    """Return whether a name is defined once, or by one route file and one command."""
    homes = [next((folder for folder in INTERFACES if path.startswith(folder)), None) for path in paths]
    return len(paths) == 1 or (None not in homes and len(homes) == len(set(homes)))
