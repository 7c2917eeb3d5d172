"""`cli.py depth`."""

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from commands.output import FileBatch, output_path
from commands.services import open_services
from config.settings import Settings
from domain.depth import DepthMap
from services.depth import depth_color_png, depth_grey_png, depth_npy
from services.images.photo import Photo
from services.progress import Progress

FORMATS: Mapping[str, tuple[str, Callable[[DepthMap], bytes]]] = {
    "color": (".png", depth_color_png),
    "png": (".png", depth_grey_png),
    "npy": (".npy", depth_npy),
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
    batch = FileBatch.of(paths, settings.log_level)
    services, (ending, encode) = open_services(settings), FORMATS[form]

    def estimate(file: Path) -> DepthMap:
        photo = Photo.of(services.images.read(file.read_bytes()), str(file))
        return services.depth.estimate(photo, Progress()).depth

    def save(found: DepthMap, file: Path) -> None:
        output_path(out, file, ending, batch.several).write_bytes(encode(found))

    batch.each("looked at", estimate, save)
