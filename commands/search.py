"""`cli.py search` and `cli.py similar`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from bootstrap import Services
from commands.services import open_services, resolve_options
from config.settings import Settings
from domain.index import SearchHit, SearchScope
from services.images.photo import Photo
from services.progress import Progress
from services.search.search import HitGroup, SearchOptions

F = TypeVar("F", bound=Callable[..., Any])

SEARCH_OPTIONS = (
    click.option("--scope", type=click.Choice(get_args(SearchScope)), default="image", show_default=True),
    click.option(
        "--top", type=click.IntRange(1, 1000), default=10, show_default=True, help="At most so many."
    ),
    click.option("--group/--all", default=True, help="Whether near duplicates stand under the best of them."),
)


def search_options(command: F) -> F:
    """Gives a command what is looked for and how much of it is told."""
    for option in reversed(SEARCH_OPTIONS):
        command = option(command)
    return command


@click.command()
@click.argument("text")
@search_options
@click.pass_obj
def search(settings: Settings, /, text: str, scope: SearchScope, top: int, group: bool) -> None:
    """Find indexed photographs, or regions of them, that fit TEXT: score, file, and where in it."""
    services = open_services(settings)
    options = SearchOptions(scope, top, group)
    _print_hits(services, resolve_options(lambda: services.search.text(text, options, Progress())))


@click.command()
@click.argument("photograph", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@search_options
@click.pass_obj
def similar(settings: Settings, /, photograph: Path, scope: SearchScope, top: int, group: bool) -> None:
    """Find indexed photographs, or regions of them, that look like PHOTOGRAPH, which need not be indexed."""
    services = open_services(settings)
    options = SearchOptions(scope, top, group)

    def find() -> list[HitGroup]:
        return services.search.similar(_load_photo(services, photograph), None, options, Progress())

    _print_hits(services, resolve_options(find))


def _load_photo(services: Services, photograph: Path) -> Photo:
    try:
        indexed = services.folders.stored(photograph)
        data = b"" if indexed else photograph.read_bytes()
    except OSError as error:
        raise click.FileError(str(photograph), hint=error.strerror) from error
    return indexed or Photo.of(services.images.read(data), str(photograph))


def _print_hits(services: Services, found: Sequence[HitGroup]) -> None:
    hits = [hit for group in found for hit in (group.best, *group.duplicates)]
    names = services.folders.names([hit.file_id for hit in hits])
    for group in found:
        click.echo(_format_hit(group.best, names))
        for hit in group.duplicates:
            click.echo(f"  ={_format_hit(hit, names)}")
    if not found:
        click.echo("nothing is indexed with this model: `cli.py index FOLDER`", err=True)


def _format_hit(hit: SearchHit, names: dict[str, str]) -> str:
    """One hit; a photograph that was uploaded is told by its file_id."""
    where = names.get(hit.file_id, hit.file_id)
    if hit.region is None:
        return f"{hit.score:7.4f}  {where}"
    box = ", ".join(str(side) for side in hit.region.xywh)
    return f"{hit.score:7.4f}  {where}  [{box}] {hit.region.label} {hit.region.confidence:.0%}"
