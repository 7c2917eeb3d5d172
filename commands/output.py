"""Answers of a command in files: overlays as PNG, answers as JSON."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from api.contract.common import Answer
from api.contract.segment import SegmentAnswer
from domain.labels import Vocabulary
from services.images.data_url import decode_data_url

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


def write_json(answer: Answer, path: Path) -> None:
    """Write an answer as indented JSON, without its overlay."""
    text = answer.model_dump_json(exclude_unset=True, exclude={"segmented_image"}, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


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
