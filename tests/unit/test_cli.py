"""The group of all commands."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
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


def all_options() -> Iterator[tuple[list[str], click.Option]]:
    """Yield each option with the words of its command."""
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        commands = command.commands if isinstance(command, click.Group) else {"": command}
        for inner, one in commands.items():
            assert one is not None
            options = [parameter for parameter in one.params if isinstance(parameter, click.Option)]
            yield from (([name, inner] if inner else [name], option) for option in options)


OPTIONS = [*all_options()]


@pytest.mark.parametrize(
    ("words", "option"), OPTIONS, ids=[f"{' '.join(words)} {option.name}" for words, option in OPTIONS]
)
def test_an_option_that_is_given_twice_is_refused_unless_it_may_be(
    words: list[str], option: click.Option
) -> None:
    once = [option.opts[0]] if option.is_flag else [option.opts[0], "1"]
    again = [option.secondary_opts[0]] if option.secondary_opts else once
    done = CliRunner().invoke(cli, [*words, *once, *again, "no/such/file"])
    assert done.exit_code == 2
    assert (f"{option.opts[0]}" in done.output and "expected once, got 2 times" in done.output) is (
        not option.multiple
    ), done.output


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


def test_an_image_without_tools_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.find_spec", lambda _: None)
    result = CliRunner().invoke(cli, ["categorize", "--help"])
    assert result.exit_code == 1
    assert "categorize needs the folder tools/ of a checkout" in result.output
