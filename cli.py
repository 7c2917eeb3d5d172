"""The command line: `python cli.py --help`."""

import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from io import TextIOWrapper

import click

COMMANDS: Mapping[str, tuple[str, str]] = {
    "analyze": ("commands.analyze", "Find regions, labels, depth, text and colours of photographs."),
    "caption": ("commands.caption", "Describe each photograph in an English sentence."),
    "categorize": ("tools.categorize.command", "Sort photographs into folders by what they show."),
    "classify": ("commands.classify", "Choose the one of LABELS that fits each whole photograph."),
    "compare": ("tools.compare.command", "Train a CNN on class folders and compare it with the labeller."),
    "depth": ("commands.depth", "Estimate the depth of every pixel of photographs."),
    "index": ("commands.index", "Index photographs for `search` and `similar`."),
    "labels": ("commands.vocabularies", "Print the labels that regions can get."),
    "models": ("commands.models", "List, fetch, verify and export the models."),
    "moderate": ("commands.moderate", "Check photographs against a policy."),
    "search": ("commands.search", "Find indexed photographs, or regions of them, that fit TEXT."),
    "segment": ("commands.segment", "Find and label the regions of photographs."),
    "serve": ("commands.serve", "Start the HTTP service."),
    "similar": (
        "commands.search",
        "Find indexed photographs, or regions of them, that resemble PHOTOGRAPH.",
    ),
    "text": ("commands.text", "Read the text in photographs."),
    "vocabularies": ("commands.vocabularies", "List, teach, export, import and delete vocabularies."),
}
"""Module and short help of each command."""


class LazyGroup(click.Group):
    """A group that imports the module of a command when the command is used."""

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Return the command of that name, or None where there is none."""
        if name not in COMMANDS:
            return None
        module = COMMANDS[name][0]
        if module.startswith("tools.") and find_spec("tools") is None:
            raise click.ClickException(
                f"{name} needs the folder tools/ of a checkout, which the Docker image does not have"
            )
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(COMMANDS.items())])


@click.group(
    cls=LazyGroup,
    commands={name: click.Command(name) for name in COMMANDS},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.pass_context
def cli(context: click.Context) -> None:
    """Find and label the regions of photographs, on the command line or over HTTP."""
    from config.settings import load_settings

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # A character that the terminal lacks stops no command.
            stream.reconfigure(errors="backslashreplace")
    try:
        context.obj = load_settings()
    except ValueError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    cli(prog_name="cli.py")
