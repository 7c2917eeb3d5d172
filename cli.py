"""The command line: `python cli.py --help`."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
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

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command with its name and arguments.

        Raises:
            click.UsageError: There is no such command, or an option comes twice that may not be repeated.
        """
        name, command, rest = super().resolve_command(context, arguments)
        if command is not None:
            _refuse_repeated_options(click.Context(command, parent=context, info_name=name), rest)
        return name, command, rest

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(COMMANDS.items())])


def _refuse_repeated_options(context: click.Context, arguments: Sequence[str]) -> None:
    """Refuse an option that is given twice, of which click would drop the first value."""
    command = context.command
    if isinstance(command, click.Group):
        name = arguments[0] if arguments else ""
        inner = command.get_command(context, name)
        if inner is not None:
            _refuse_repeated_options(click.Context(inner, parent=context, info_name=name), arguments[1:])
        return
    try:
        _, _, order = command.make_parser(context).parse_args(list(arguments))
    except click.UsageError:
        return  # The command parses its arguments itself and reports the error then.
    for parameter, count in Counter(order).items():
        if count > 1 and isinstance(parameter, click.Option) and not (parameter.multiple or parameter.count):
            names = "/".join([*parameter.opts[:1], *parameter.secondary_opts[:1]])
            raise click.UsageError(f"{names}: expected once, got {count} times", context)


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
