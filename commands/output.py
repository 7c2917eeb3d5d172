"""Answers about one photograph on the disk, timed, and their JSON."""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click
from tqdm import tqdm

from api.contract.common import Answer
from api.contract.segment import SegmentAnswer
from bootstrap import configure_logging
from domain.errors import ServiceError
from services.images.photo import Photo
from services.images.upload import ImageService
from services.progress import Progress

AnswerT = TypeVar("AnswerT", bound=Answer)


def answer_file(images: ImageService, file: Path, answer: Callable[[Photo, Progress], AnswerT]) -> AnswerT:
    """What `answer` says of the photograph in `file`, with its timings."""
    progress = Progress()
    with progress.stage("load"):
        photo = Photo.of(images.read(file.read_bytes()), str(file))
    found = answer(photo, progress)
    found.timings_ms = progress.timings_ms
    return found


def write_json(answer: Answer, path: Path) -> None:
    """The answer as indented JSON, but for its overlay."""
    text = answer.model_dump_json(exclude_unset=True, exclude={"segmented_image"}, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"})


def find_image_files(paths: Sequence[Path]) -> list[Path]:
    """The files among `paths` and the photographs (by suffix) in its folders, once each."""
    return list(dict.fromkeys(found for path in paths for found in _image_files_in(path)))


def _image_files_in(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in IMAGE_SUFFIXES)
    else:
        yield path


def output_path(out: Path, photograph: Path, suffix: str, several: bool) -> Path:
    """Where an answer about `photograph` goes: `out` itself, or a file in the directory `out` if several."""
    if not several:
        return out
    out.mkdir(parents=True, exist_ok=True)
    return out / f"{photograph.stem}{photograph.suffix.replace('.', '-')}{suffix}"


PNG_DATA_URL_PREFIX = "data:image/png;base64,"

SegmentAnswerT = TypeVar("SegmentAnswerT", bound=SegmentAnswer)


@dataclass(frozen=True)
class OutputPaths:
    """Where the answers of one command go.

    Attributes:
        out: File of the overlay, or the folder of several; None draws none.
        json_out: Likewise for the JSON.
        several: Whether these are folders.
    """

    out: Path | None
    json_out: Path | None
    several: bool

    def save(self, answer: SegmentAnswerT, file: Path, tell: Callable[[SegmentAnswerT, Path], None]) -> None:
        """Write the answer about `file`; `tell` it where nothing shall be written."""
        if self.out is not None:
            png = base64.b64decode((answer.segmented_image or "").removeprefix(PNG_DATA_URL_PREFIX))
            output_path(self.out, file, ".png", self.several).write_bytes(png)
        if self.json_out is not None:
            write_json(answer, output_path(self.json_out, file, ".json", self.several))
        if self.out is None and self.json_out is None:
            tell(answer, file)


T = TypeVar("T")


@dataclass(frozen=True)
class FileBatch:
    """The photographs of one command.

    Attributes:
        files: At least one.
        several: Whether answers go into folders: there are more files, or a folder was named.
    """

    files: Sequence[Path]
    several: bool

    @classmethod
    def of(cls, paths: Sequence[Path], log_level: str) -> "FileBatch":
        """The photographs at `paths`; for several of them only warnings are logged, beside the bar."""
        files = find_image_files(paths)
        several = len(files) > 1 or any(path.is_dir() for path in paths)
        configure_logging("WARNING" if several else log_level)
        return cls(files, several)

    def each(self, done: str, answer: Callable[[Path], T], save: Callable[[T, Path], None]) -> None:
        """Answer and save one after the other; `done` says in the end what could not be done.

        Raises:
            click.ClickException: Some photographs could not be answered; the others are saved.
        """
        broken = 0
        for file in tqdm(self.files, unit="photo", disable=not self.several):
            try:
                answered = answer(file)
            except (ServiceError, OSError) as error:
                broken += 1
                click.echo(f"\n{file}: {error}", err=True)
                continue
            save(answered, file)
        if broken:
            raise click.ClickException(f"{broken} of {len(self.files)} photographs could not be {done}")
