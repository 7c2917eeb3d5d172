"""Photographs that a command is given: found in folders, opened, and processed one after the other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click
from tqdm import tqdm

from api.contract.common import Answer
from bootstrap import configure_logging
from commands.options import in_option_terms
from domain.errors import ServiceError
from services.images.formats import IMAGE_SUFFIXES
from services.images.photo import Photo
from services.images.upload import ImageService
from services.progress import Progress

AnswerT = TypeVar("AnswerT", bound=Answer)

paths_argument = click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)


def answer_file(images: ImageService, file: Path, answer: Callable[[Photo, Progress], AnswerT]) -> AnswerT:
    """Return the answer about the photograph in a file, with its timings."""
    progress = Progress()
    with progress.stage("load"):
        photo = Photo.of(images.read(file.read_bytes()), str(file))
    found = answer(photo, progress)
    found.timings_ms = progress.timings_ms
    return found


def find_image_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files among the paths and the photographs (by suffix) in the folders, each file once."""
    return list(dict.fromkeys(found for path in paths for found in _image_files_in(path)))


def _image_files_in(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in IMAGE_SUFFIXES)
    else:
        yield path


T = TypeVar("T")


@dataclass(frozen=True)
class FileBatch:
    """The photographs of a command.

    Attributes:
        files: Files, at least one.
        several: Whether answers are written into folders: there are several files, or a folder was named.
    """

    files: Sequence[Path]
    several: bool

    @classmethod
    def of(cls, paths: Sequence[Path], log_level: str) -> "FileBatch":
        """Return the photographs at the paths; beside a progress bar only warnings are logged."""
        files = find_image_files(paths)
        several = len(files) > 1 or any(path.is_dir() for path in paths)
        configure_logging("WARNING" if several else log_level)
        return cls(files, several)

    def each(self, done: str, answer: Callable[[Path], T], save: Callable[[T, Path], None]) -> None:
        """Answer and save one photograph after the other.

        Args:
            done: Participle for the message about photographs that could not be answered.
            answer: Returns the answer about a file.
            save: Writes or prints it.

        Raises:
            click.ClickException: Some photographs could not be answered; the others are saved.
        """
        broken = 0
        for file in tqdm(self.files, unit="photo", disable=not self.several):
            try:
                answered = answer(file)
            except (ServiceError, OSError) as error:
                broken += 1
                click.echo(f"\n{file}: {in_option_terms(str(error))}", err=True)
                continue
            save(answered, file)
        if broken:
            raise click.ClickException(f"{broken} of {len(self.files)} photographs could not be {done}")
