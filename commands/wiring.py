"""The services of a command, or one line that says which setting or option is wrong."""

from collections.abc import Callable
from typing import TypeVar

import click

from app import Services, build_services
from config.settings import Settings
from domain.errors import ServiceError

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


def usable(make: Callable[[], T]) -> T:
    """What `make` makes of the options.

    Raises:
        click.UsageError: One of them cannot be used.
    """
    try:
        return make()
    except ServiceError as error:
        raise click.UsageError(error.message) from error
