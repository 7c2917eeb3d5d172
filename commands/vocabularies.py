"""`cli.py vocabularies`."""

import json
from pathlib import Path
from typing import IO

import click
from pydantic import ValidationError
from tqdm import tqdm

from api.lessons import lessons_of
from api.render_vocabulary import export as exported
from api.replies import json_of
from api.schemas.vocabulary_request import VocabularyRequest
from api.validation import validation_message
from app import Services, configure_logging
from commands.photographs import SUFFIXES
from commands.wiring import answered, open_services
from config.settings import Settings
from domain.errors import ServiceError
from domain.types import Label
from domain.types.teaching import TaughtVocabulary
from services.progress import Progress
from services.teaching.lessons import Lesson
from services.teaching.pictures import picture_file


@click.group()
def vocabularies() -> None:
    """List, export, import, delete vocabularies, or create one from a folder of examples."""


@vocabularies.command("list")
@click.pass_obj
def show(settings: Settings) -> None:
    """Print all vocabularies: name, version, labels, examples."""
    services = open_services(settings)
    taught = {each.name: each for each in answered(services.teaching.latest)}
    for name in services.vocabularies.built_in:
        click.echo(f"{name}: {len(services.vocabularies.get(name).labels)} labels, comes with the service")
    for each in taught.values():
        click.echo(_line(each))


@vocabularies.command("export")
@click.argument("name")
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=True), default="-")
@click.option("--version", type=click.IntRange(1), help="An older one.  [default: the newest]")
@click.pass_obj
def write(settings: Settings, name: str, file: IO[str], version: int | None) -> None:
    """Write a vocabulary with its examples as JSON."""
    teaching = open_services(settings).teaching
    taught, vocabulary = answered(lambda: teaching.get(name, version))
    file.write(json_of(exported(taught, vocabulary, answered(lambda: teaching.pictures(vocabulary)))) + "\n")


@vocabularies.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--name", help="Another name for it.")
@click.pass_obj
def read(settings: Settings, file: IO[bytes], name: str | None) -> None:
    """Keep an exported vocabulary as the next version of its name."""
    configure_logging("WARNING")
    services = open_services(settings)
    try:
        body = VocabularyRequest.model_validate(json.loads(file.read()))
    except ValidationError as error:
        raise click.ClickException(validation_message(error)) from error
    except ValueError as error:
        raise click.ClickException(f"{file.name}: expected exported JSON: {error}") from error
    lessons = answered(lambda: lessons_of(body, services.teaching.take))
    click.echo(_line(answered(lambda: services.teaching.create(name or body.name, lessons, Progress()))))


@vocabularies.command("delete")
@click.argument("name")
@click.pass_obj
def remove(settings: Settings, name: str) -> None:
    """Delete a taught vocabulary, all versions of it."""
    teaching = open_services(settings).teaching
    answered(lambda: teaching.remove(name))
    click.echo(f"{name}: deleted")


@vocabularies.command("create")
@click.argument("name")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_obj
def create(settings: Settings, name: str, folder: Path) -> None:
    """Teach NAME from FOLDER: its folders are the names, the photographs in them the examples."""
    configure_logging("WARNING")
    services = open_services(settings)
    places = sorted(place for place in folder.iterdir() if place.is_dir() and not place.name.startswith("."))
    if not places:
        raise click.UsageError(f"{folder}: expected a folder for each name, got none")
    lessons = [_lesson(place, services) for place in tqdm(places, unit="name")]
    click.echo(_line(answered(lambda: services.teaching.create(name, lessons, Progress()))))


def _lesson(place: Path, services: Services) -> Lesson:
    """The name of a folder with the photographs in it."""
    files = sorted(file for file in place.iterdir() if file.suffix.lower() in SUFFIXES)
    return Lesson(Label(place.name), tuple(_example(file, services) for file in files))


def _example(file: Path, services: Services) -> bytes:
    try:
        return picture_file(services.images.read(file.read_bytes()))
    except ServiceError as error:
        raise click.ClickException(f"{file}: {error.message}") from error


def _line(taught: TaughtVocabulary) -> str:
    labels = taught.vocabulary.labels
    examples = sum(len(label.examples) for label in labels)
    return f"{taught.name}: version {taught.version}, {len(labels)} labels, {examples} examples"
