"""`cli.py models`: list, pull, verify, export."""

import sys
from types import TracebackType
from typing import Any

import click
from tqdm import tqdm

from commands.services import click_errors
from config.manifest import Manifest
from config.settings import Settings
from domain.models import ModelSpec, WeightFile
from models.exports import OnnxExportStore
from models.store.weights import WeightStore

STEP_BYTES = 10_000_000
"""Number of bytes from line to line where the total is unknown."""


class PullProgress:
    """Shows the progress of a `models.store.pull.WeightPuller`; leaving its context closes the bar.

    Args:
        bars: Whether bars are drawn; None draws them on a terminal only.
    """

    def __init__(self, bars: bool | None = None) -> None:
        self._bars = sys.stderr.isatty() if bars is None else bars
        self._bar: tqdm[Any] | None = None
        self._file: WeightFile | None = None
        self._shown = ""

    def __enter__(self) -> "PullProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def __call__(self, file: WeightFile, size: int, total: int | None) -> None:
        """Show that `size` of `total` bytes of a file are there; None stands for an unknown total."""
        if file is not self._file:
            self._start(file, size, total)
        if self._bar is not None:
            self._bar.n = size
            self._bar.update(0)
        elif (step := _step_text(size, total)) != self._shown:
            self._shown = step
            click.echo(f"{file.name}: {step}")

    def _start(self, file: WeightFile, size: int, total: int | None) -> None:
        self._close()
        self._file, self._shown = file, _step_text(size, total)
        resumed = f", resumed at {size / 1e6:,.1f} MB" if size else ""
        whole = f"{total / 1e6:,.1f} MB" if total else "of unknown size"
        click.echo(f"{file.name}: {whole}{resumed}")
        if self._bars:
            self._bar = tqdm(desc=file.name, total=total, initial=size, unit="B", unit_scale=True)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._bar = None


def _step_text(size: int, total: int | None) -> str:
    """Return the progress in steps of a tenth, or of STEP_BYTES if the total is unknown."""
    return f"{10 * size // total * 10} %" if total else f"{size // STEP_BYTES * STEP_BYTES // 1_000_000} MB"


FAILURES = (ValueError, OSError)
"""Errors of names and files that the user can correct, in addition to those of the service."""

ROW_FORMAT = "{:24} {:36} {:>7}  {:11} {:13} {}"


@click.group()
def models() -> None:
    """List, fetch, verify and export the models."""


@models.command("list")
@click.pass_obj
def list_models(settings: Settings) -> None:
    """Print every weight file with its model, size, licence, state and profiles."""
    with click_errors(also=FAILURES):
        manifest, store = _manifest(settings), _weight_store(settings)
        click.echo(ROW_FORMAT.format("model", "file", "MB", "licence", "", "profile"))
        for model in manifest.models.values():
            profiles = ", ".join(manifest.profiles_of(model.name))
            for file in model.files:
                cells = (model.name, file.name, _size_cell(store, file), file.licence)
                click.echo(ROW_FORMAT.format(*cells, _file_state(store, file), profiles).rstrip())


@models.command("pull")
@click.argument("names", nargs=-1, required=True, metavar="MODEL_OR_PROFILE...")
@click.option(
    "--from", "source", metavar="SOURCE", help="Local file, local directory, mirror or URL to fetch from."
)
@click.pass_obj
def pull_models(settings: Settings, names: tuple[str, ...], source: str | None) -> None:
    """Fetch the files of models or of profiles.

    An interrupted pull is resumed where it stopped.
    """
    from models.store.pull import WeightPuller

    with click_errors(also=FAILURES), PullProgress() as progress:
        specs = _manifest(settings).select(names)
        puller = WeightPuller(_weight_store(settings), settings.offline, progress)
        for spec in specs:
            fetched = puller.pull(spec, source)
            click.echo(f"{spec.name}: {', '.join(map(str, fetched)) or 'all files are here already'}")


@models.command("verify")
@click.argument("names", nargs=-1, metavar="[MODEL_OR_PROFILE]...")
@click.pass_obj
def verify_models(settings: Settings, names: tuple[str, ...]) -> None:
    """Hash weight files and compare them with the manifest.

    With names, every file of these models and profiles must be present. Without names, the files that are
    present are verified.
    """
    with click_errors(also=FAILURES):
        manifest, store = _manifest(settings), _weight_store(settings)
        specs = manifest.select(names) if names else list(manifest.models.values())
        files = [pair for pair in _weight_files(specs) if names or store.state(pair[1]) == "present"]
        wrong = sum([_report_file(store, spec, file) for spec, file in files])
    if wrong:
        raise click.ClickException(
            f"{wrong} of {len(files)} files are missing or damaged; `models pull NAME` fetches them"
        )


@models.command("export")
@click.argument("names", nargs=-1, required=True, metavar="MODEL_OR_PROFILE...")
@click.option("--again", is_flag=True, help="Export again even if an export exists.")
@click.pass_obj
def export_models(settings: Settings, names: tuple[str, ...], again: bool) -> None:
    """Export pulled checkpoints as ONNX graphs, which need no torch and are faster on a CPU."""
    from models.registry import can_export, export_model

    with click_errors(also=FAILURES):
        exports = OnnxExportStore(settings.checkpoint_dir)
        for spec in _manifest(settings).select(names):
            if not can_export(spec):
                click.echo(f"{spec.name}: nothing to export")
            elif exports.find(spec) and not again:
                click.echo(f"{spec.name}: exported already")
            else:
                click.echo(f"{spec.name}: exporting ...", err=True)
                made = export_model(spec, _weight_store(settings), exports)
                click.echo(f"{spec.name}: {made.directory}")


def _weight_files(specs: list[ModelSpec]) -> list[tuple[ModelSpec, WeightFile]]:
    return [(spec, file) for spec in specs for file in spec.files]


def _report_file(store: WeightStore, spec: ModelSpec, file: WeightFile) -> bool:
    """Print the state of a file, and return whether it is wrong."""
    problem = store.verify(file)
    click.echo(f"{spec.name}: {file.name} {problem or 'is right'}")
    return problem is not None


def _file_state(store: WeightStore, file: WeightFile) -> str:
    state = store.state(file)
    if state != "partial":
        return state
    here = store.part(file).stat().st_size
    return f"partial {100 * here // file.bytes} %" if file.bytes else f"partial {here / 1e6:.1f} MB"


def _size_cell(store: WeightStore, file: WeightFile) -> str:
    """Return the size in MB of the manifest, else of the file on disk, else a question mark."""
    size = file.bytes or (store.path(file).stat().st_size if store.state(file) == "present" else 0)
    return f"{size / 1e6:.1f}" if size else "?"


def _manifest(settings: Settings) -> Manifest:
    return Manifest(settings.manifest, settings.text_language)


def _weight_store(settings: Settings) -> WeightStore:
    return WeightStore(settings.weights_dir, settings.checkpoint_dir)
