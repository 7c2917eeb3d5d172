"""`cli.py serve`."""

import os
import sys

import click

from commands.services import open_services
from config.settings import ROOT, Settings

# glibc's defaults keep a heap for each of many threads and never give back what fragments between masks.
# A lower trim threshold saves no memory and costs 5 % of the time: heaps are given back and asked for again.
MALLOC_ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(4 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(32 * 1024 * 1024),
}


@click.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Start the HTTP service.

    Every setting is an environment variable; docs/configuration.md lists them.
    """
    open_services(settings)  # What cannot be used is told in one line here, and in many by gunicorn.
    click.echo(f"seglabel: http://{settings.host}:{settings.port} (docs at /docs, Ctrl-C stops it)", err=True)
    for name, value in MALLOC_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "app:create_app()"])
