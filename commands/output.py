"""Answers of a command in files: overlays as PNG, answers as JSON. Each photograph has files of its own."""

import os
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypeVar

import click

from api.contract.common import Answer
from api.contract.segment import SegmentAnswer
from commands.photographs import FileBatch, absolute_place
from domain.labels import Vocabulary
from services.images.data_url import decode_data_url
from services.images.files import display_path

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


@dataclass(frozen=True)
class Output:
    """An option that names the place of outputs.

    Attributes:
        option: The option, such as --json.
        path: Its value: a file for one photograph, a folder for several; None writes nothing.
        ending: End of the names of the files in a folder, such as `.json`.
    """

    option: str
    path: Path | None
    ending: str


@dataclass(frozen=True)
class OutputPlan:
    """The output files of a command, all computed before it runs.

    Attributes:
        paths: Output file of each photograph, by option.
    """

    paths: Mapping[str, Mapping[Path, Path]]

    @classmethod
    def of(cls, batch: FileBatch, *outputs: Output) -> "OutputPlan":
        """Return the plan for the outputs that were asked for.

        In a folder, outputs lie as the photographs do below the folder that was named, and `a.jpg` becomes
        `a-jpg.json`. Where two names are equal, if only on a disk that ignores case or accents' forms, the
        later one gets a number, which is told on standard error.

        Raises:
            click.UsageError: An output would replace a photograph or another output.
        """
        asked = [output for output in outputs if output.path is not None]
        plan = cls({output.option: dict(_output_files(batch, output)) for output in asked})
        plan._refuse_overwriting(batch.files)
        return plan

    def __contains__(self, option: str) -> bool:
        return option in self.paths

    def write(self, option: str, photograph: Path, data: bytes) -> None:
        """Write the output of one option about a photograph, in place of that of an earlier run.

        Raises:
            OSError: The file cannot be written.
        """
        path = self.paths[option][photograph]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def _refuse_overwriting(self, photographs: Sequence[Path]) -> None:
        inputs = {identity for file in photographs if (identity := _identity(file))}
        seen: set[str] = set()
        for option, paths in self.paths.items():
            for path in paths.values():
                if _identity(path) in inputs:
                    raise click.UsageError(f"{option}: {display_path(path)} is one of the photographs")
                if _same_name_key(path) in seen:
                    raise click.UsageError(f"{option}: {display_path(path)} is the output of another option")
            seen |= {_same_name_key(path) for path in paths.values()}


def _output_files(batch: FileBatch, output: Output) -> Iterator[tuple[Path, Path]]:
    """Yield each photograph with its output file."""
    folder = output.path
    assert folder is not None
    if not batch.several and not folder.is_dir():
        yield batch.files[0], folder
        return
    if folder.exists() and not folder.is_dir():
        raise click.UsageError(
            f"{output.option}: expected a folder for several photographs, got the file {display_path(folder)}"
        )
    taken: set[str] = set()
    for file in batch.files:
        plain = folder / absolute_place(file).relative_to(batch.base)
        stem = f"{plain.stem}{plain.suffix.replace('.', '-')}"
        path = next(
            path for path in _numbered(plain.parent, stem, output.ending) if _same_name_key(path) not in taken
        )
        taken.add(_same_name_key(path))
        if path.name != stem + output.ending:
            click.echo(f"{display_path(file)}: its output is {display_path(path)}", err=True)
        yield file, path


def _numbered(folder: Path, stem: str, ending: str) -> Iterator[Path]:
    yield folder / f"{stem}{ending}"
    yield from (folder / f"{stem} ({number}){ending}" for number in count(2))


def _same_name_key(path: Path) -> str:
    """Return a text that is equal for paths that some file systems take for one."""
    return unicodedata.normalize("NFC", os.fspath(path.absolute())).casefold()


def _identity(path: Path) -> tuple[int, int] | None:
    """Return the device and the number of an existing file, which all of its names share."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def answer_bytes(answer: Answer) -> bytes:
    """Return an answer as indented JSON in UTF-8, without its overlay."""
    text = answer.model_dump_json(exclude_unset=True, exclude={"segmented_image"}, indent=2)
    return f"{text}\n".encode()


def echo_label_notes(vocabulary: Vocabulary | None) -> None:
    """Write to standard error how labels were read, where they were not taken one by one as they are."""
    if vocabulary is None:
        return
    for word, text in vocabulary.readings.items():
        click.echo(f"labels: {word} is read as {text}", err=True)
    for word in vocabulary.untranslated:
        click.echo(f"labels: no English text is known for {word}, so it is read as it is", err=True)
    for one in vocabulary.merged:
        click.echo(f"labels: {', '.join(one.sent)} counts as {one.label}", err=True)


AnswerT = TypeVar("AnswerT", bound=Answer)

SegmentAnswerT = TypeVar("SegmentAnswerT", bound=SegmentAnswer)


def save_json(
    plan: OutputPlan, answer: AnswerT, file: Path, print_answer: Callable[[AnswerT, Path], None]
) -> None:
    """Write the answer about a file with --json, or print it."""
    if "--json" in plan:
        plan.write("--json", file, answer_bytes(answer))
    else:
        print_answer(answer, file)


def save_regions(
    plan: OutputPlan,
    answer: SegmentAnswerT,
    file: Path,
    print_answer: Callable[[SegmentAnswerT, Path], None],
) -> None:
    """Write the answer about a file with --out and --json, or print it where neither was given."""
    if "--out" in plan:
        plan.write("--out", file, decode_data_url(answer.segmented_image or ""))
    if "--json" in plan or "--out" not in plan:
        save_json(plan, answer, file, print_answer)
