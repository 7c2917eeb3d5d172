"""`cli.py vocabularies`."""

import json
from functools import partial
from pathlib import Path
from typing import IO, NoReturn

import click
from pydantic import ValidationError
from tqdm import tqdm

from api.contract.common import answer_json
from api.contract.validation import validation_message
from api.contract.vocabularies import VocabularyRequest, taught_labels_of
from api.contract.vocabularies import vocabulary_export_answer as exported
from bootstrap import configure_logging
from commands.output import IMAGE_SUFFIXES
from commands.services import call_service, open_services, open_vocabularies
from config.settings import Settings
from domain.errors import InvalidRequest, ServiceError
from domain.labels import MAX_VERSION, Label, TaughtVocabulary
from services.progress import Progress
from services.teaching.teach import FileExample, TaughtLabel
from services.vocabularies.parse import label_of_folder


@click.group()
def vocabularies() -> None:
    """List, export, import, delete vocabularies, or create one from a folder of examples."""


@vocabularies.command("list")
@click.pass_obj
def list_vocabularies(settings: Settings) -> None:
    """Print all vocabularies: name, version, labels, examples."""
    services = open_services(settings)
    taught = call_service(services.teaching.latest)
    for name in services.vocabularies.built_in:
        click.echo(f"{name}: {len(services.vocabularies.get(name).labels)} labels, comes with the service")
    for each in taught:
        click.echo(_format_vocabulary(each))


@vocabularies.command("export")
@click.argument("name")
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=True), default="-")
@click.option("--version", type=click.IntRange(1, MAX_VERSION), help="An older one.  [default: the newest]")
@click.pass_obj
def export_vocabulary(settings: Settings, name: str, file: IO[str], version: int | None) -> None:
    """Write a vocabulary with its examples as JSON."""
    teaching = open_services(settings).teaching
    taught, vocabulary = call_service(lambda: teaching.get(name, version))
    file.write(
        answer_json(exported(taught, vocabulary, call_service(lambda: teaching.pictures(vocabulary)))) + "\n"
    )


@vocabularies.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--name", help="Another name for it.")
@click.pass_obj
def import_vocabulary(settings: Settings, file: IO[bytes], name: str | None) -> None:
    """Keep an exported vocabulary as the next version of its name."""
    configure_logging("WARNING")
    services = open_services(settings)
    try:
        body = VocabularyRequest.model_validate(json.loads(file.read()))
    except ValidationError as error:
        raise click.ClickException(validation_message(error)) from error
    except ValueError as error:
        raise click.ClickException(f"{file.name}: expected exported JSON: {error}") from error
    lessons = taught_labels_of(body)
    click.echo(
        _format_vocabulary(
            call_service(lambda: services.teaching.create(name or body.name, lessons, Progress()))
        )
    )


@vocabularies.command("delete")
@click.argument("name")
@click.pass_obj
def delete_vocabulary(settings: Settings, name: str) -> None:
    """Delete a taught vocabulary, all versions of it."""
    teaching = open_services(settings).teaching
    call_service(lambda: teaching.remove(name))
    click.echo(f"{name}: deleted")


@vocabularies.command("create")
@click.argument("name")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_obj
def create_vocabulary(settings: Settings, name: str, folder: Path) -> None:
    """Teach NAME from FOLDER: its folders are the names, the photographs in them the examples.

    `_` in the name of a folder stands for a blank.
    """
    configure_logging("WARNING")
    services = open_services(settings)
    with tqdm(unit="photo") as bar:
        lessons = call_service(lambda: _taught_labels(folder, bar))
        if not lessons:
            raise click.UsageError(f"{folder}: expected a folder for each name, got none")
        bar.total = sum(len(lesson.examples) for lesson in lessons)
        taught = call_service(lambda: services.teaching.create(name, lessons, Progress()))
    click.echo(_format_vocabulary(taught))


def _taught_labels(folder: Path, bar: "tqdm[NoReturn]") -> list[TaughtLabel]:
    """A name for each folder in `folder`, with the photographs in it.

    Raises:
        InvalidRequest: One cannot be read.
    """
    lessons = []
    for place in _sorted_entries(folder):
        if place.is_dir() and not place.name.startswith("."):
            files = [file for file in _sorted_entries(place) if file.suffix.lower() in IMAGE_SUFFIXES]
            examples = tuple(FileExample(str(file), partial(_read_example, file, bar)) for file in files)
            lessons.append(TaughtLabel(Label(label_of_folder(place.name)), examples))
    return lessons


def _sorted_entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise _unreadable(error, f"{folder}: ") from error


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
@click.option("--vocabulary", help="Show this one instead of the default.")
@click.option("--lang", help="In this language, e.g. de.")
@click.pass_obj
def labels(settings: Settings, vocabulary: str | None, lang: str | None) -> None:
    """Print the names that regions can get."""
    vocabularies = open_vocabularies(settings)
    try:
        click.echo("\n".join(vocabularies.resolve(None, vocabulary, lang).names))
    except ServiceError as error:
        raise click.ClickException(error.message) from error
