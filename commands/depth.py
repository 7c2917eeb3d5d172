"""`cli.py depth`."""

from collections.abc import Callable, Mapping
from pathlib import Path

import click
from tqdm import tqdm

from app import configure_logging
from commands.photographs import photographs, target
from commands.wiring import open_services
from config.settings import Settings
from domain.errors import ServiceError
from domain.types import DepthMap
from services.depth_formats import color_png, grey_png, npy
from services.progress import Progress

FORMATS: Mapping[str, tuple[str, Callable[[DepthMap], bytes]]] = {
    "color": (".png", color_png),
    "png": (".png", grey_png),
    "npy": (".npy", npy),
}
"""File ending and encoder by the name that --format takes."""


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="The depth map; a folder for several."
)
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="color", show_default=True,
    help="Colours for looking, 16-bit grey PNG, or numpy's float32.",
)  # fmt: skip
@click.pass_obj
def depth(settings: Settings, /, paths: tuple[Path, ...], out: Path, form: str) -> None:
    """Estimate how far everything is in photographs, or in all photographs in folders."""
    files = photographs(paths)
    several = len(files) > 1 or any(path.is_dir() for path in paths)
    configure_logging("WARNING" if several else settings.log_level)
    services, (ending, encode) = open_services(settings), FORMATS[form]
    broken = 0
    for file in tqdm(files, unit="photo", disable=not several):
        try:
            rgb = services.images.read(file.read_bytes())
            found = services.depth.estimate_rgb(rgb, str(file), Progress()).depth
        except (ServiceError, OSError) as error:
            broken += 1
            click.echo(f"\n{file}: {error}", err=True)
            continue
        target(out, file, ending, several).write_bytes(encode(found))
    if broken:
        raise click.ClickException(f"{broken} of {len(files)} photographs could not be looked at")
