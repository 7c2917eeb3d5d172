"""`cli.py models list`."""

import click

from config.manifest import Manifest
from config.settings import Settings
from models.store import WeightStore

ROW = "{:22} {:24} {:>9}  {:12} {}"


@click.group()
def models() -> None:
    """What the service runs."""


@models.command("list")
@click.pass_obj
def list_models(settings: Settings) -> None:
    """Print every weight file: its model, size, licence, and whether it is here."""
    store = WeightStore(settings.weights_dir)
    click.echo(ROW.format("model", "file", "MB", "licence", ""))
    for model in Manifest().models.values():
        for file in model.files:
            here = "present" if store.path(file).is_file() else "missing"
            click.echo(ROW.format(model.name, file.name, f"{file.bytes / 1e6:.1f}", file.licence, here))
