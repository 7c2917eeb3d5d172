"""`cli.py index`."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from api.contract.index import IndexFields, to_options
from bootstrap import Services
from commands.options import options_from, request_from_options
from commands.output import echo_label_notes
from commands.photographs import FileBatch
from commands.services import click_errors, open_services
from config.settings import Settings
from services.images.files import display_path
from services.progress import Progress
from services.search.folder import FolderIndex

STATUS_TEXTS: Mapping[str, str] = {
    "added": "photographs added",
    "updated": "updated",
    "known": "indexed already",
}
"""Words of the summary for each status of a file."""


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@options_from(IndexFields)
@click.option(
    "--prune", is_flag=True, help="First remove photographs of PATHS whose files do not exist any more."
)
@click.option("--forget", is_flag=True, help="Remove all photographs of PATHS, and index nothing.")
@click.pass_obj
def index(settings: Settings, /, paths: tuple[Path, ...], prune: bool, forget: bool, **options: Any) -> None:
    """Index photographs for `search` and `similar`.

    PATHS are photographs and folders of them. Photographs that are indexed already and have not changed are
    skipped, whatever the options, so running the command again resumes an interrupted run. Each photograph is
    copied into the data directory, where the running service finds it too.
    """
    if prune and forget:
        raise click.UsageError("expected --prune or --forget, got both")
    body = request_from_options(IndexFields, options)
    services = open_services(settings)
    if forget or prune:
        with click_errors(click.UsageError):
            removed = _remove_from_index(services.folders, paths, only_missing=not forget)
        click.echo(f"{removed} photographs taken out of the index")
    if not forget:
        _check_paths_exist(paths)
        _index_files(services, FileBatch.of(paths, settings.log_level), body)


def _index_files(services: Services, batch: FileBatch, body: IndexFields) -> None:
    with click_errors(click.UsageError):
        options = to_options(body, services.vocabularies)
        model = services.search.labeller.sha256
    echo_label_notes(options.labels.vocabulary)
    counts: Counter[str] = Counter()
    try:
        batch.each(
            "indexed",
            lambda file: services.folders.add(file, options, model, Progress()),
            lambda status, _file: counts.update([status]),
        )
    finally:
        click.echo(", ".join(f"{counts[status]} {words}" for status, words in STATUS_TEXTS.items()))


def _check_paths_exist(paths: Sequence[Path]) -> None:
    missing = [display_path(path) for path in paths if not os.path.lexists(path)]
    if missing:
        raise click.UsageError(f"expected photographs and folders that exist, got {', '.join(missing)}")


def _remove_from_index(folders: FolderIndex, paths: Sequence[Path], only_missing: bool) -> int:
    inside = {found for path in paths for found in (*folders.inside(path), os.path.realpath(path))}
    return sum(folders.remove(found) for found in inside if not (only_missing and _may_exist(found)))


def _may_exist(path: str) -> bool:
    """Return whether a file exists, or cannot be reached to know it."""
    try:
        Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True
