"""`cli.py vocabularies` and `cli.py labels`."""

import json
from collections import Counter
from functools import partial
from pathlib import Path
from typing import IO, Any, NoReturn

import click
from pydantic import ValidationError
from tqdm import tqdm

from api.contract.common import answer_json
from api.contract.labels import LabelsQuery
from api.contract.validation import unique_members, validation_message
from api.contract.vocabularies import VocabularyRequest, taught_labels_of, vocabulary_export_answer
from bootstrap import configure_logging
from commands.options import options_from, request_from_options
from commands.output import echo_label_notes
from commands.services import click_errors, open_services
from config.settings import Settings
from domain.errors import InvalidRequest
from domain.labels import MAX_VERSION, Label, TaughtVocabulary, label_key
from services.images.files import describe_passed_over, display_path, is_hidden, list_folder
from services.progress import Progress
from services.teaching.teach import FileExample, TaughtLabel
from services.vocabularies.parse import label_of_folder


@click.group()
def vocabularies() -> None:
    """List, teach, export, import and delete vocabularies."""


@vocabularies.command("list")
@click.pass_obj
def list_vocabularies(settings: Settings) -> None:
    """Print the names of all vocabularies with their numbers of labels and examples."""
    services = open_services(settings)
    with click_errors():
        taught = services.teaching.latest()
    for name in services.vocabularies.built_in:
        click.echo(f"{name}: {len(services.vocabularies.get(name).labels)} labels, comes with the service")
    for each in taught:
        click.echo(_format_vocabulary(each))


@vocabularies.command("export")
@click.argument("name")
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=True), default="-")
@click.option(
    "--version",
    type=click.IntRange(1, MAX_VERSION),
    help="Number of the version. Default: the newest version.",
)
@click.pass_obj
def export_vocabulary(settings: Settings, name: str, file: IO[str], version: int | None) -> None:
    """Write a vocabulary with its examples as JSON to FILE, or to standard output."""
    teaching = open_services(settings).teaching
    with click_errors():
        taught, vocabulary = teaching.get(name, version)
        answer = vocabulary_export_answer(taught, vocabulary, teaching.example_files(vocabulary))
    file.write(answer_json(answer) + "\n")


@vocabularies.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--name", help="Name of the vocabulary. Default: the name in the export.")
@click.pass_obj
def import_vocabulary(settings: Settings, file: IO[bytes], name: str | None) -> None:
    """Store an exported vocabulary as the next version of its name."""
    configure_logging("WARNING")
    services = open_services(settings)
    try:
        with click_errors():
            members = json.loads(file.read(), object_pairs_hook=unique_members)
        body = VocabularyRequest.model_validate(members)
    except ValidationError as error:
        raise click.ClickException(validation_message(error)) from error
    except ValueError as error:
        raise click.ClickException(
            f"{file.name}: expected the JSON of an exported vocabulary, got invalid JSON: {error}"
        ) from error
    with click_errors():
        labels = taught_labels_of(body)
        taught = services.teaching.create(name or body.name, labels, Progress(), body.labels_lang)
    echo_label_notes(taught.vocabulary)
    click.echo(_format_vocabulary(taught))


@vocabularies.command("delete")
@click.argument("name")
@click.pass_obj
def delete_vocabulary(settings: Settings, name: str) -> None:
    """Delete all versions of a taught vocabulary."""
    teaching = open_services(settings).teaching
    with click_errors():
        teaching.remove(name)
    click.echo(f"{name}: deleted")


@vocabularies.command("create")
@click.argument("name")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--labels-lang", help="Language code of the names of the folders, such as `de`.")
@click.pass_obj
def create_vocabulary(settings: Settings, name: str, folder: Path, labels_lang: str | None) -> None:
    """Teach the vocabulary NAME from examples.

    Each folder in FOLDER is a label, and the photographs in it are its examples. `_` in the name of a folder
    is read as a space.
    """
    configure_logging("WARNING")
    services = open_services(settings)
    with tqdm(unit="photo") as bar, click_errors():
        labels = _taught_labels(folder, bar)
        if not labels:
            raise click.UsageError(f"{display_path(folder)}: expected a folder for each label, got none")
        bar.total = sum(len(label.examples) for label in labels)
        taught = services.teaching.create(name, labels, Progress(), labels_lang)
    echo_label_notes(taught.vocabulary)
    click.echo(_format_vocabulary(taught))


def _taught_labels(folder: Path, bar: "tqdm[NoReturn]") -> list[TaughtLabel]:
    """Return a label for each folder in a folder, with the photographs in it as examples.

    Raises:
        InvalidRequest: A folder cannot be read, or two names are equal when they are read with spaces.
    """
    labels = []
    passed_over: Counter[str] = Counter()
    first: dict[str, str] = {}
    for entry in _sorted_entries(folder):
        if entry.is_dir() and not is_hidden(entry.name):
            same = first.setdefault(label_key(label_of_folder(entry.name)), entry.name)
            if same != entry.name:
                raise InvalidRequest(
                    f"expected folders whose names are read differently, got {same!r} and {entry.name!r}"
                )
            content = list_folder(entry)
            for problem in content.problems:
                raise InvalidRequest(f"{display_path(problem.path)}: could not be read: {problem.reason}")
            passed_over.update(content.passed_over)
            examples = tuple(
                FileExample(display_path(file), partial(_read_example, file, bar)) for file in content.images
            )
            labels.append(TaughtLabel(_folder_label(entry.name), examples))
    if passed_over:
        click.echo(describe_passed_over(passed_over), err=True)
    return labels


def _folder_label(folder: str) -> Label:
    """Return the label of a folder: its name, which is read with spaces where it has `_`."""
    words = label_of_folder(folder)
    return Label(folder) if words in ("", folder) else Label(folder, (words,))


def _sorted_entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise _unreadable(error, f"{display_path(folder)}: ") from error


def _read_example(file: Path, bar: "tqdm[NoReturn]") -> bytes:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise _unreadable(error) from error
    bar.update()
    return data


def _unreadable(error: OSError, place: str = "") -> InvalidRequest:
    return InvalidRequest(f"{place}could not be read: {error.strerror or error}")


def _format_vocabulary(taught: TaughtVocabulary) -> str:
    labels = taught.vocabulary.labels
    examples = sum(len(label.examples) for label in labels)
    return f"{taught.name}: version {taught.version}, {len(labels)} labels, {examples} examples"


@click.command()
@options_from(LabelsQuery)
@click.pass_obj
def labels(settings: Settings, /, **options: Any) -> None:
    """Print the labels that regions can get."""
    body = request_from_options(LabelsQuery, options)
    vocabularies = open_services(settings).vocabularies
    with click_errors():
        vocabulary = vocabularies.resolve(None, body.vocabulary, body.lang)
    echo_label_notes(vocabulary)
    click.echo("\n".join(vocabulary.names))
