"""Reads the photographs of a command, and writes its answers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click
from tqdm import tqdm

from api.contract.common import Answer
from api.contract.segment import SegmentAnswer
from bootstrap import configure_logging
from commands.options import in_option_terms
from domain.errors import ServiceError
from services.images.data_url import decode_data_url
from services.images.photo import Photo
from services.images.upload import ImageService
from services.progress import Progress

AnswerT = TypeVar("AnswerT", bound=Answer)

paths_argument = click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)

out_option = click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="PNG file for the overlay, the photograph with its regions drawn on it; a folder for several "
    "photographs.",
)

json_option = click.option(
    "--json",
    "json_out",
    type=click.Path(path_type=Path),
    help="JSON file for the answer; a folder for several photographs.",
)


def answer_file(images: ImageService, file: Path, answer: Callable[[Photo, Progress], AnswerT]) -> AnswerT:
    """Return the answer about the photograph in a file, with its timings."""
    progress = Progress()
    with progress.stage("load"):
        photo = Photo.of(images.read(file.read_bytes()), str(file))
    found = answer(photo, progress)
    found.timings_ms = progress.timings_ms
    return found


def write_json(answer: Answer, path: Path) -> None:
    """Write an answer as indented JSON, without its overlay."""
    text = answer.model_dump_json(exclude_unset=True, exclude={"segmented_image"}, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"})


def find_image_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files among the paths and the photographs (by suffix) in the folders, each file once."""
    return list(dict.fromkeys(found for path in paths for found in _image_files_in(path)))


def _image_files_in(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in IMAGE_SUFFIXES)
    else:
        yield path


def output_path(out: Path, photograph: Path, suffix: str, several: bool) -> Path:
    """Return the path for the output about a photograph: `out`, or a file in the folder `out` if several."""
    if not several:
        return out
    out.mkdir(parents=True, exist_ok=True)
    return out / f"{photograph.stem}{photograph.suffix.replace('.', '-')}{suffix}"


SegmentAnswerT = TypeVar("SegmentAnswerT", bound=SegmentAnswer)


@dataclass(frozen=True)
class OutputPaths:
    """The places that the answers of a command are written to.

    Attributes:
        out: File of the overlay, or folder of several; None draws none.
        json_out: File of the JSON, or folder of several; None writes none.
        several: Whether these are folders.
    """

    out: Path | None
    json_out: Path | None
    several: bool

    def save(
        self, answer: SegmentAnswerT, file: Path, print_answer: Callable[[SegmentAnswerT, Path], None]
    ) -> None:
        """Write the answer about a file, or print it if no path was given."""
        if self.out is not None:
            png = decode_data_url(answer.segmented_image or "")
            output_path(self.out, file, ".png", self.several).write_bytes(png)
        if self.json_out is not None:
            write_json(answer, output_path(self.json_out, file, ".json", self.several))
        if self.out is None and self.json_out is None:
            print_answer(answer, file)


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
