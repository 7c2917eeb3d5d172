"""`cli.py serve`."""

import os
import sys

import click

from config.settings import ROOT, Settings


@click.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Start the HTTP service.

    Every setting is an environment variable; docs/configuration.md lists them.
    """
    click.echo(f"seglabel: http://{settings.host}:{settings.port} (docs at /docs, Ctrl-C stops it)", err=True)
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "app:create_app()"])
