"""`cli.py index`."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from api.contract.index import IndexFields, index_options
from bootstrap import Services
from commands.output import FileBatch
from commands.services import open_services, resolve_options
from config.settings import Settings
from services.progress import Progress
from services.search.folder import FolderIndex

ACTION_TEXTS = {"added": "photographs added", "updated": "updated", "known": "indexed already"}
"""How the deeds are told in the end."""


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--regions/--whole", default=True, help="Whether the regions of a photograph are indexed too.")
@click.option("--prune", is_flag=True, help="Take out those in the folders whose files are gone.")
@click.option("--forget", is_flag=True, help="Take out all in the folders, and index nothing.")
@click.pass_obj
def index(settings: Settings, /, paths: tuple[Path, ...], regions: bool, prune: bool, forget: bool) -> None:
    """Index photographs, or all photographs in folders, for `search` and `similar`.

    What is indexed already and has not changed is passed over, so the same command goes on after an
    interruption. Each photograph is copied into the data directory, where the running service finds it as
    well, and kept.
    """
    services = open_services(settings)
    if forget or prune:
        gone = resolve_options(lambda: _remove_from_index(services.folders, paths, only_missing=not forget))
        click.echo(f"{gone} photographs taken out of the index")
    if not forget:
        _index_files(services, _check_paths_exist(paths), regions, settings.log_level)


def _index_files(services: Services, paths: Sequence[Path], regions: bool, log_level: str) -> None:
    batch = FileBatch.of(paths, log_level)
    options = resolve_options(lambda: index_options(IndexFields(regions=regions), services.vocabularies))
    model = resolve_options(lambda: services.search.labeller.sha256)
    outcomes: Counter[str] = Counter()
    try:
        batch.each(
            "indexed",
            lambda file: services.folders.add(file, options, model, Progress()),
            lambda outcome, _file: outcomes.update([outcome]),
        )
    finally:
        click.echo(", ".join(f"{outcomes[outcome]} {said}" for outcome, said in ACTION_TEXTS.items()))


def _check_paths_exist(paths: Sequence[Path]) -> Sequence[Path]:
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise click.UsageError(f"expected photographs and folders, got {', '.join(missing)}")
    return paths


def _remove_from_index(folders: FolderIndex, paths: Sequence[Path], only_missing: bool) -> int:
    inside = {found for path in paths for found in (*folders.inside(path), str(path.resolve()))}
    return sum(folders.remove(found) for found in inside if not (only_missing and Path(found).exists()))
