"""Files and functions have a readable size, and the folders are those that the documentation shows."""

import ast
import re
import statistics
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from tests.rules.source import (
    ROOT,
    Function,
    imports,
    line_count,
    listed,
    module_name,
    product_files,
    python_files,
    syntax_tree,
)

MAX_FILE_LINES = 350
MIN_FILE_LINES = 40
MAX_MEDIAN_LINES = 8
MAX_P90_LINES = 25
MIB = 1024 * 1024
MAX_CHECKOUT_BYTES = 64 * MIB
MAX_HISTORY_BYTES = 250 * MIB
MAX_README_LINES = 150

LOOSE_SERVICES = {"segment.py", "depth.py", "admission.py", "progress.py"}
"""Files of services/ outside its folders: use cases of one file, and what every use case shares."""

ADAPTER_FILE = re.compile(r"models/\w+/(segmenter|encoder|estimator|reader|captioner|export)\.py")
"""Files that every model has by its port; they may be short."""

SHORT_FILES: dict[str, str] = {}
"""Files of fewer than 40 lines that have fewer than two importers, with the reason."""

NAMED_BY_URL = ("api/routes/", "api/contract/", "commands/")
"""Folders in which a file is named after a URL or a command, however short it is."""


def test_the_loose_files_of_services_are_known() -> None:
    loose = {file.name for file in (ROOT / "services").glob("*.py")} - {"__init__.py"}
    assert loose == LOOSE_SERVICES, (
        "a new service gets a folder, a new helper goes into the folder of its step"
    )


def test_no_file_is_too_long() -> None:
    long = [f"{path}: {line_count(path)}" for path in product_files() if line_count(path) > MAX_FILE_LINES]
    assert not long, f"split these files, at most {MAX_FILE_LINES} lines each:{listed(long)}"


def test_a_short_file_has_two_importers_or_a_reason() -> None:
    importers = _importers()
    short = [
        f"{path}: {line_count(path)} lines, {len(importers[path])} importers"
        for path in product_files()
        if line_count(path) < MIN_FILE_LINES
        and not path.endswith("__init__.py")
        and not path.startswith(NAMED_BY_URL)
        and not ADAPTER_FILE.fullmatch(path)
        and path not in SHORT_FILES
        and len(importers[path]) < 2
    ]
    assert not short, f"merge these files into the one that imports them:{listed(short)}"


def test_the_reasons_for_short_files_are_needed() -> None:
    stale = [path for path in SHORT_FILES if not (ROOT / path).exists() or line_count(path) >= MIN_FILE_LINES]
    assert not stale, f"remove these files from SHORT_FILES:{listed(stale)}"


def _importers() -> dict[str, set[str]]:
    """Return the product files and tools that import each product file."""
    modules = {module_name(path): path for path in product_files()}
    found: dict[str, set[str]] = defaultdict(set)
    for path in [*product_files(), *python_files("tools")]:
        for name in imports(path) & modules.keys():
            found[modules[name]].add(path)
    return found


def test_functions_are_short() -> None:
    sizes = sorted(
        (_function_lines(node), f"{path}:{node.lineno} {node.name}")
        for path in product_files()
        for node in ast.walk(syntax_tree(path))
        if isinstance(node, Function)
    )
    lines = [size for size, _ in sizes]
    p90 = statistics.quantiles(lines, n=10)[-1]
    longest = listed([f"{size:3} {place}" for size, place in sizes[-20:]])
    assert statistics.median(lines) <= MAX_MEDIAN_LINES, (
        f"median {statistics.median(lines)}, longest:{longest}"
    )
    assert p90 <= MAX_P90_LINES, f"p90 {p90}, longest:{longest}"


def _function_lines(node: Function) -> int:
    """Return the number of lines from `def` to the last statement, without the docstring."""
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - docstring


def test_the_folders_are_those_of_the_architecture_page() -> None:
    on_disk = _tracked_folders()
    described = _described_folders()
    assert described == on_disk, (
        "docs/architecture.md, first code block: "
        f"not described:{listed(list(on_disk - described))}\nnot on disk:{listed(list(described - on_disk))}"
    )


def _described_folders() -> set[str]:
    """Return the folders of the tree in the first code block of the page; two spaces are one level."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    folders, parents = set(), [""]
    for line in page.split("```")[1].splitlines():
        match = re.match(r"( *)([\w.-]+)/(?: |$)", line)
        if match:
            level = len(match[1]) // 2
            parents = [*parents[: level + 1], f"{parents[level]}{match[2]}/"]
            folders.add(parents[-1].rstrip("/"))
    return folders


def _tracked_folders() -> set[str]:
    """Return all folders with a Python package of the product, and the other folders at the top."""
    packages = {str(Path(path).parent) for path in product_files() if "/" in path}
    top = {path.split("/")[0] for path in _tracked_files() if "/" in path and not path.startswith(".")}
    tools = {str(file.parent.relative_to(ROOT)) for file in (ROOT / "tools").glob("*/__init__.py")}
    tests = {f"tests/{path.split('/')[1]}" for path in _tracked_files() if re.match(r"tests/\w+/", path)}
    return packages | top | tools | tests


@pytest.mark.parametrize("name", ["architecture.md", "glossary.md"])
def test_the_pages_name_what_exists(name: str) -> None:
    """Paths outside of the examples must exist, and `file.py: Name.member` must be in its file."""
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    described = page.partition("## How to add")[0]
    missing = [path for path in re.findall(r"`(\w+/[\w/]+\.py)", described) if not (ROOT / path).is_file()]
    for path, member in re.findall(r"`([\w/]+\.py): ?([\w.]+)`", page):
        text = (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).is_file() else None
        if text is not None and any(not re.search(rf"\b{part}\b", text) for part in member.split(".")):
            missing.append(f"{path}: {member}")
    assert not missing, f"docs/{name} names what is not there:{listed(missing)}"


def test_the_readme_is_short() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MAX_README_LINES, (
        f"README.md has {len(lines)} lines, at most {MAX_README_LINES} are allowed"
    )


def test_the_checkout_is_small() -> None:
    size = sum((ROOT / path).stat().st_size for path in _tracked_files() if (ROOT / path).is_file())
    assert size <= MAX_CHECKOUT_BYTES, f"the checkout has {size / MIB:.0f} MiB, at most 64 are allowed"


def test_the_history_is_small() -> None:
    counts = dict(line.split(": ") for line in _git("count-objects", "-v").splitlines() if ": " in line)
    size = (int(counts["size"]) + int(counts["size-pack"])) * 1024
    assert size <= MAX_HISTORY_BYTES, f"the history has {size / MIB:.0f} MiB, at most 250 are allowed"


def _tracked_files() -> list[str]:
    return _git("ls-files").splitlines()


def _git(*arguments: str) -> str:
    """Return the output of a git command; skips the test where there is no repository."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    command = ["git", "-c", f"safe.directory={ROOT}", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
