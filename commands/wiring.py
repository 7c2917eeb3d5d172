"""The services of a command, or one line that says which setting is wrong."""

import click

from app import Services, build_services
from config.settings import Settings


def open_services(settings: Settings) -> Services:
    """What the settings ask for.

    Raises:
        click.ClickException: A setting cannot be used.
    """
    try:
        return build_services(settings)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
