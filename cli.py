"""The command line: `python cli.py --help`."""

import click

from commands.analyze import analyze
from commands.caption import caption
from commands.classify import classify
from commands.depth import depth
from commands.index import index
from commands.models import models
from commands.moderate import moderate
from commands.search import search, similar
from commands.segment import segment
from commands.serve import serve
from commands.text import text
from commands.vocabularies import labels, vocabularies
from config.settings import load_settings
from tools.categorize.command import categorize
from tools.compare.command import compare


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.pass_context
def cli(context: click.Context) -> None:
    """Find and name the regions of photographs, on the command line or over HTTP."""
    try:
        context.obj = load_settings()
    except ValueError as error:
        raise click.ClickException(str(error)) from error


COMMANDS = (
    serve, analyze, segment, classify, caption, categorize, compare, moderate, index, search, similar,
    depth, text, labels, vocabularies, models,
)  # fmt: skip

for command in COMMANDS:
    cli.add_command(command)

if __name__ == "__main__":
    cli(prog_name="cli.py")
