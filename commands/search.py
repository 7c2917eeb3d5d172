"""`cli.py search` and `cli.py similar`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from api.contract import search as search_contract
from api.contract import similar as similar_contract
from api.contract.search import SearchQuery
from api.contract.similar import SimilarRequest, to_region
from bootstrap import Services
from commands.options import options_from, request_from_options
from commands.services import click_errors, open_services
from config.settings import Settings
from domain.index import SearchHit
from services.images.files import display_path
from services.images.photo import Photo
from services.progress import Progress
from services.search.search import HitGroup

top_option = click.option(
    "--top",
    "limit",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    help="Largest number of results; near duplicates are not counted.",
)
"""Replaces the field `limit`: a terminal shows fewer results by default, and allows more than an answer."""


@click.command()
@click.argument("q", metavar="TEXT")
@options_from(SearchQuery, declared=("q", "limit"))
@top_option
@click.pass_obj
def search(settings: Settings, /, limit: int, **options: Any) -> None:
    """Find indexed photographs, or regions of them, that fit TEXT.

    The results are printed best first: score and file, and for a region also box, label and confidence.
    """
    body = request_from_options(SearchQuery, options)
    services = open_services(settings)
    service_options = replace(search_contract.to_options(body), limit=limit)
    with click_errors(click.UsageError):
        found = services.search.text(body.q, service_options, Progress())
    _print_hits(services, found)


@click.command()
@click.argument("photograph", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@options_from(SimilarRequest, declared=("limit",))
@top_option
@click.pass_obj
def similar(settings: Settings, /, photograph: Path, limit: int, **options: Any) -> None:
    """Find indexed photographs, or regions of them, that resemble PHOTOGRAPH.

    PHOTOGRAPH need not be indexed. With --point, --box or --mask-index the search is for a region of it.
    """
    body = request_from_options(SimilarRequest, options, file_id="-")
    region = to_region(body)
    service_options = replace(similar_contract.to_options(body, region), limit=limit)
    services = open_services(settings)
    with click_errors(click.UsageError):
        photo = _load_photo(services, photograph)
        found = services.search.similar(photo, region, service_options, Progress())
    _print_hits(services, found)


def _load_photo(services: Services, photograph: Path) -> Photo:
    try:
        indexed = services.folders.stored(photograph)
        data = b"" if indexed else services.images.read_file(photograph)
    except OSError as error:
        raise click.FileError(str(photograph), hint=error.strerror) from error
    return indexed or services.images.sent_photo(data)


def _print_hits(services: Services, found: Sequence[HitGroup]) -> None:
    hits = [hit for group in found for hit in (group.best, *group.duplicates)]
    paths = services.folders.names([hit.file_id for hit in hits])
    for group in found:
        click.echo(_format_hit(group.best, paths))
        for hit in group.duplicates:
            click.echo(f"  ={_format_hit(hit, paths)}")
    if not found:
        click.echo("nothing is indexed with this model; `cli.py index FOLDER` indexes photographs", err=True)


def _format_hit(hit: SearchHit, paths: Mapping[str, str]) -> str:
    """Return a line about a hit; the file_id stands for an uploaded photograph, which has no path."""
    where = display_path(paths.get(hit.file_id, hit.file_id))
    if hit.region is None:
        return f"{hit.score:7.4f}  {where}"
    box = ", ".join(str(side) for side in hit.region.xywh)
    return f"{hit.score:7.4f}  {where}  [{box}] {hit.region.label} {hit.region.confidence:.0%}"
