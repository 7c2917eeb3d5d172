"""The services of a command, or one line that says which setting or option is wrong."""

from collections.abc import Callable
from typing import TypeVar

import click

from adapters.sqlite.vocabularies import SqliteVocabularyStore
from bootstrap import Services, build_services
from config.settings import Settings
from domain.errors import ServiceError
from services.vocabularies.library import Vocabularies

T = TypeVar("T")


def open_services(settings: Settings) -> Services:
    """What the settings ask for.

    Raises:
        click.ClickException: A setting cannot be used.
    """
    try:
        return build_services(settings)
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def open_vocabularies(settings: Settings) -> Vocabularies:
    """All vocabularies, without the models."""
    taught = SqliteVocabularyStore(settings.data_dir / "vocabularies.sqlite", settings.taught_bytes)
    return Vocabularies(settings.vocabulary_dir, settings.default_vocabulary, taught)


def resolve_options(make: Callable[[], T]) -> T:
    """What `make` makes of the options.

    Raises:
        click.UsageError: One of them cannot be used.
    """
    try:
        return make()
    except ServiceError as error:
        raise click.UsageError(error.message) from error


def call_service(ask: Callable[[], T]) -> T:
    """What `ask` gives.

    Raises:
        click.ClickException: A service cannot give it; in its words.
    """
    try:
        return ask()
    except ServiceError as error:
        raise click.ClickException(error.message) from error
