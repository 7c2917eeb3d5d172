"""Opens the services for a command, and reports errors to the user in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from bootstrap import Services, build_services
from commands.options import in_option_terms
from config.settings import Settings
from domain.errors import ServiceError


@contextmanager
def click_errors(
    error_class: type[click.ClickException] = click.ClickException,
    *,
    also: tuple[type[Exception], ...] = (),
) -> Iterator[None]:
    """Turn errors that the user can correct into one line on standard error and an exit status.

    Args:
        error_class: ClickException for exit status 1; UsageError, for values of options, for 2.
        also: Further classes of errors to turn, in addition to ServiceError.

    Raises:
        click.ClickException: An error of these classes was raised inside.
    """
    turned: tuple[type[Exception], ...] = (ServiceError, *also)
    try:
        yield
    except turned as error:
        raise error_class(in_option_terms(str(error))) from error


def open_services(settings: Settings) -> Services:
    """Return the services that the settings ask for.

    Raises:
        click.ClickException: A setting cannot be used, or the folder of data cannot be written.
    """
    with click_errors(also=(ValueError, OSError)):
        return build_services(settings)
