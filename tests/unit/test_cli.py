"""The group of all commands."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli import COMMANDS, cli
from config.settings import ROOT

LOADED = """
import runpy, sys
sys.argv = ["cli.py", *sys.argv[1:]]
try:
    runpy.run_path("cli.py", run_name="__main__")
finally:
    print("loaded:", *sorted(sys.modules))
"""

UNWANTED = {"flask", "flask_openapi3", "werkzeug", "gunicorn", "tools", "torch"}


def loaded_modules(*arguments: object) -> set[str]:
    """Return the modules that a command has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return set(done.stdout.partition("loaded: ")[2].split())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_says(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    assert (command.help or "").partition("\n\n")[0] == COMMANDS[name][1]


def test_a_misspelt_command_is_corrected() -> None:
    assert "Did you mean 'segment'?" in CliRunner().invoke(cli, ["segmnt"]).output


def test_the_list_of_commands_imports_none() -> None:
    loaded = loaded_modules("--help")
    assert "click" in loaded
    assert not {"numpy", "pydantic", "commands", "tools", "config.settings"} & loaded


@pytest.mark.parametrize(
    "arguments",
    [["segment", "--help"], ["segment", "examples/photo.jpg", "--points-per-side", 2, "--max-masks", 1]],
)
def test_a_command_imports_no_flask(
    arguments: Sequence[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGLABEL_DATA_DIR", str(tmp_path))
    loaded = {module.partition(".")[0] for module in loaded_modules(*arguments)}
    assert "commands" in loaded
    assert not UNWANTED & loaded


def test_no_module_of_a_command_imports_flask_or_tools() -> None:
    modules = sorted({module for module, _ in COMMANDS.values() if module.startswith("commands.")})
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not UNWANTED & {module.partition(".")[0] for module in done.stdout.split()}
