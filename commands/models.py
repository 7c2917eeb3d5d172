"""`cli.py models`: list, pull, verify, export."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from commands.pull_progress import PullProgress
from config.manifest import Manifest
from config.settings import Settings
from domain.errors import ServiceError
from domain.models import ModelSpec, WeightFile
from models.exports import OnnxExportStore
from models.store.weights import WeightStore

ROW = "{:24} {:36} {:>7}  {:11} {:13} {}"


@click.group()
def models() -> None:
    """What the service runs, and the weight files of it."""


@models.command("list")
@click.pass_obj
def list_models(settings: Settings) -> None:
    """Print every weight file: its model, size, licence, whether it is here, and who uses it."""
    with _plain_errors():
        manifest, store = _manifest(settings), _store(settings)
        click.echo(ROW.format("model", "file", "MB", "licence", "", "profile"))
        for model in manifest.models.values():
            profiles = ", ".join(manifest.profiles_of(model.name))
            for file in model.files:
                cells = (model.name, file.name, _megabytes(store, file), file.licence)
                click.echo(ROW.format(*cells, _state(store, file), profiles).rstrip())


@models.command("pull")
@click.argument("names", nargs=-1, required=True, metavar="MODEL_OR_PROFILE...")
@click.option(
    "--from", "source", metavar="SOURCE", help="A local file or directory, a mirror or a url instead."
)
@click.pass_obj
def pull(settings: Settings, names: tuple[str, ...], source: str | None) -> None:
    """Fetch the files of models, or of a profile's; a broken pull goes on where it stopped."""
    from models.store.pull import WeightPuller

    with _plain_errors(), PullProgress() as progress:
        specs = _manifest(settings).select(names)
        puller = WeightPuller(_store(settings), settings.offline, progress)
        for spec in specs:
            fetched = puller.pull(spec, source)
            click.echo(f"{spec.name}: {', '.join(map(str, fetched)) or 'all files are here already'}")


@models.command("verify")
@click.argument("names", nargs=-1, metavar="[MODEL_OR_PROFILE]...")
@click.pass_obj
def verify(settings: Settings, names: tuple[str, ...]) -> None:
    """Hash the files again: of the models named, where all must be here, or else of all that are here."""
    with _plain_errors():
        manifest, store = _manifest(settings), _store(settings)
        specs = manifest.select(names) if names else list(manifest.models.values())
        files = [pair for pair in _files(specs) if names or store.state(pair[1]) == "present"]
        wrong = sum([_report(store, spec, file) for spec, file in files])
    if wrong:
        raise click.ClickException(
            f"{wrong} of {len(files)} files are not right; `models pull NAME` brings the right ones"
        )


@models.command("export")
@click.argument("names", nargs=-1, required=True, metavar="MODEL_OR_PROFILE...")
@click.option("--again", is_flag=True, help="Also where an export is there already.")
@click.pass_obj
def export(settings: Settings, names: tuple[str, ...], again: bool) -> None:
    """Turn pulled checkpoints into ONNX graphs, which need no torch and are quicker on a CPU."""
    from models.registry import can_export, export_model

    with _plain_errors():
        exports = OnnxExportStore(settings.checkpoint_dir)
        for spec in _manifest(settings).select(names):
            if not can_export(spec):
                click.echo(f"{spec.name}: nothing to export")
            elif exports.find(spec) and not again:
                click.echo(f"{spec.name}: exported already")
            else:
                click.echo(f"{spec.name}: exporting ...", err=True)
                made = export_model(spec, _store(settings), exports)
                click.echo(f"{spec.name}: {made.directory}")


def _files(specs: list[ModelSpec]) -> list[tuple[ModelSpec, WeightFile]]:
    return [(spec, file) for spec in specs for file in spec.files]


def _report(store: WeightStore, spec: ModelSpec, file: WeightFile) -> bool:
    """Print what a file is like, and say whether it is wrong."""
    problem = store.problem(file)
    click.echo(f"{spec.name}: {file.name} {problem or 'is right'}")
    return problem is not None


def _state(store: WeightStore, file: WeightFile) -> str:
    state = store.state(file)
    if state != "partial":
        return state
    here = store.part(file).stat().st_size
    return f"partial {100 * here // file.bytes} %" if file.bytes else f"partial {here / 1e6:.1f} MB"


def _megabytes(store: WeightStore, file: WeightFile) -> str:
    """The size stated; else that of the file on disk; else a question mark."""
    size = file.bytes or (store.path(file).stat().st_size if store.state(file) == "present" else 0)
    return f"{size / 1e6:.1f}" if size else "?"


def _manifest(settings: Settings) -> Manifest:
    return Manifest(settings.manifest, settings.text_language)


def _store(settings: Settings) -> WeightStore:
    return WeightStore(settings.weights_dir, settings.checkpoint_dir)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """One line, and exit status 1, for what a user can set right."""
    try:
        yield
    except (ServiceError, ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error
