"""Photographs that a command is given: found in folders, opened, and processed one after the other."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import click
from tqdm import tqdm

from api.contract.common import Answer
from bootstrap import configure_logging
from commands.options import in_option_terms
from domain.errors import ServiceError
from services.concepts.examples import ExamplePrompt
from services.images.files import (
    FolderContent,
    UnusableFile,
    describe_passed_over,
    display_path,
    list_folder,
)
from services.images.photo import Photo
from services.images.upload import ImageService
from services.progress import Progress
from services.segment import SegmentOptions

AnswerT = TypeVar("AnswerT", bound=Answer)

paths_argument = click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)


example_photo_option = click.option(
    "--example-photo",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Photograph that shows `--example`, if it is another one.",
)


def with_example_photo(options: SegmentOptions, images: ImageService, file: Path | None) -> SegmentOptions:
    """Return the options with the photograph in a file as the one that shows the examples.

    Raises:
        click.UsageError: There are no examples, or the file cannot be read.
    """
    if file is None:
        return options
    if not isinstance(options.concept, ExamplePrompt):
        raise click.UsageError("--example-photo: expected it with --example, got none")
    try:
        photo = images.sent_photo(images.read_file(file))
    except (ServiceError, OSError) as error:
        raise click.UsageError(f"--example-photo: {display_path(file)}: {error}") from error
    return replace(options, concept=replace(options.concept, photo=photo))


def answer_file(images: ImageService, file: Path, answer: Callable[[Photo, Progress], AnswerT]) -> AnswerT:
    """Return the answer about the photograph in a file, with its timings."""
    progress = Progress()
    with progress.stage("load"):
        photo = images.sent_photo(images.read_file(file))
    found = answer(photo, progress)
    found.timings_ms = progress.timings_ms
    return found


def absolute_place(path: Path) -> Path:
    """Return the absolute path of a file or folder; a link to a file stays a link."""
    return path.resolve() if path.is_dir() else path.parent.resolve() / path.name


T = TypeVar("T")


@dataclass(frozen=True)
class FileBatch:
    """The photographs of a command.

    Attributes:
        files: The files that were named and the photographs of the folders that were named, each once.
        several: Whether answers are written into folders: there are several files, or a folder was named.
        base: Absolute folder below which the outputs lie as the files do: the folder that was named, or the
            common parent of everything that was named.
        passed_over: Number of other files in the folders, by suffix.
        linked_folders: Number of symbolic links to folders, which were not followed.
        problems: Files and folders inside the folders that could not be examined.
    """

    files: Sequence[Path]
    several: bool
    base: Path
    passed_over: Mapping[str, int]
    linked_folders: int
    problems: Sequence[UnusableFile]

    @classmethod
    def of(cls, paths: Sequence[Path], log_level: str, *outputs: Path | None) -> "FileBatch":
        """Return the photographs at the paths; beside a progress bar only warnings are logged.

        Args:
            paths: Photographs, which are tried whatever they are called, and folders.
            log_level: Level for a single photograph.
            outputs: Folders of outputs, which are not searched for photographs if they lie inside a folder.
        """
        named = list({absolute_place(path): path for path in paths}.values())
        folders = {
            path: list_folder(path, excluded=list(filter(None, outputs))) for path in named if path.is_dir()
        }
        found = [file for path in named for file in (folders[path].images if path in folders else [path])]
        files = list({absolute_place(file): file for file in found}.values())
        several = len(files) > 1 or bool(folders)
        configure_logging("WARNING" if several else log_level)
        return cls(files, several, _common_folder(named, folders), *_left_out(folders.values()))

    def each(self, done: str, answer: Callable[[Path], T], save: Callable[[T, Path], None]) -> None:
        """Answer and save one photograph after the other.

        Args:
            done: Participle for the message about photographs that could not be answered.
            answer: Returns the answer about a file.
            save: Writes or prints it.

        Raises:
            click.ClickException: Some photographs could not be answered or saved; the others are.
        """
        broken = 0
        for file in tqdm(self.files, unit="photo", disable=not self.several):
            problem = _problem_of(file, answer, save)
            if problem:
                broken += 1
                click.echo(f"\n{display_path(file)}: {problem}", err=True)
        self._print_left_out()
        failures = [f"{broken} of {len(self.files)} photographs could not be {done}"] if broken else []
        if self.problems:
            failures.append(f"{len(self.problems)} files or folders could not be examined")
        if failures:
            raise click.ClickException("; ".join(failures))

    def _print_left_out(self) -> None:
        """Print what was found in the folders beside photographs."""
        for problem in self.problems:
            click.echo(f"{display_path(problem.path)}: could not be examined: {problem.reason}", err=True)
        if self.passed_over:
            click.echo(describe_passed_over(self.passed_over), err=True)
        if self.linked_folders:
            click.echo(f"{self.linked_folders} linked folders were not followed", err=True)
        if not self.files:
            click.echo(f"no photographs in {display_path(self.base)}", err=True)


def _problem_of(file: Path, answer: Callable[[Path], T], save: Callable[[T, Path], None]) -> str:
    """Answer and save one photograph; return the reason why that failed, or an empty string.

    Raises:
        BrokenPipeError: Nothing reads the standard output any more.
    """
    failed = "read"
    try:
        answered = answer(file)
        failed = "written"
        save(answered, file)
    except BrokenPipeError:
        raise
    except ServiceError as error:
        return in_option_terms(str(error))
    except OSError as error:
        return f"could not be {failed}: {error.strerror or error}"
    return ""


def _common_folder(named: Sequence[Path], folders: Mapping[Path, object]) -> Path:
    if len(named) == 1 and named[0] in folders:
        return absolute_place(named[0])
    return Path(os.path.commonpath([absolute_place(path).parent for path in named]))


def _left_out(folders: Iterable[FolderContent]) -> tuple[Mapping[str, int], int, Sequence[UnusableFile]]:
    passed_over: Counter[str] = Counter()
    linked, problems = 0, list[UnusableFile]()
    for content in folders:
        passed_over.update(content.passed_over)
        linked += content.linked_folders
        problems += content.problems
    return passed_over, linked, problems
