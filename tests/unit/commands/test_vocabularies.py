"""`cli.py vocabularies` over fakes."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from commands import vocabularies
from config.settings import Settings
from tests.conftest import fake_services, png_bytes

PICTURE = png_bytes(np.full((20, 30, 3), (0, 20, 250), np.uint8))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Examples of `my cat` and `dog`."""
    for name in ("my__cat", "dog", ".hidden"):
        (tmp_path / "home" / name).mkdir(parents=True)
        (tmp_path / "home" / name / "a.png").write_bytes(PICTURE)
    return tmp_path / "home"


def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, *arguments: object) -> Result:
    monkeypatch.setattr(vocabularies, "open_services", fake_services)
    monkeypatch.setattr(vocabularies, "configure_logging", lambda _: None)
    return CliRunner().invoke(vocabularies.vocabularies, [*map(str, arguments)], obj=settings)


def test_folders_are_read_as_names(settings: Settings, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    done = run(settings, monkeypatch, "create", "home", folder)
    assert done.stdout == "home: version 1, 2 labels, 2 examples\n", done.output
    labels = fake_services(settings).vocabularies.get("home").labels
    assert [(label.name, label.texts) for label in labels] == [("dog", ("dog",)), ("my__cat", ("my cat",))]
    assert "home: version 1" in run(settings, monkeypatch, "list").stdout


def test_names_are_checked_before_photographs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    (folder / "dog" / "a.png").write_bytes(b"no picture")
    (folder / "my cat").mkdir()
    done = run(settings, monkeypatch, "create", "home", folder)
    assert (done.exit_code, "names are read differently" in done.output) == (1, True), done.output


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_bytes(b"no picture"), "expected"),
        (lambda path: os.mkfifo(path), "could not be read"),
        (lambda path: path.symlink_to("nowhere"), "could not be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    make: Callable[[Path], object],
    reason: str,
) -> None:
    make(folder / "dog" / "b.png")
    done = run(settings, monkeypatch, "create", "home", folder)
    assert done.exit_code == 1
    assert "b.png" in done.output
    assert reason in done.output
    assert fake_services(settings).teaching.latest() == []


def test_an_import_that_says_a_thing_twice_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    export = tmp_path / "export.json"
    export.write_text('{"name": "home", "labels": [], "labels": [{"label": "cat"}]}', encoding="utf-8")
    done = run(settings, monkeypatch, "import", export)
    assert (done.exit_code, "labels: expected each member of an object once" in done.output) == (1, True)


def test_what_lies_beside_the_examples_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    (folder / "dog" / "older").mkdir()
    for grey, name in enumerate(("b.JFIF", "._a.png", "notes.txt", "older/c.png")):
        (folder / "dog" / name).write_bytes(png_bytes(np.full((20, 30, 3), grey, np.uint8)))
    done = run(settings, monkeypatch, "create", "home", folder)
    assert "2 labels, 4 examples" in done.stdout, done.output
    assert "1 file was passed over: .txt 1" in done.stderr
