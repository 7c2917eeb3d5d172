"""`cli.py labels`."""

import click

from commands.services import named_vocabularies
from config.settings import Settings
from domain.errors import ServiceError


@click.command()
@click.option("--vocabulary", help="Show this one instead of the default.")
@click.option("--lang", help="In this language, e.g. de.")
@click.pass_obj
def labels(settings: Settings, vocabulary: str | None, lang: str | None) -> None:
    """Print the names that regions can get."""
    vocabularies = named_vocabularies(settings)
    try:
        click.echo("\n".join(vocabularies.resolve(None, vocabulary, lang).names))
    except ServiceError as error:
        raise click.ClickException(error.message) from error
