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
    # glibc keeps a heap for each of many threads otherwise, and gives little of them back.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "app:create_app()"])
