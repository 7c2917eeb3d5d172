"""`cli.py classify` over fakes: its labels are those of /classify."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from commands import classify
from config.settings import Settings
from domain.labels import trim
from tests.conftest import fake_services, png_bytes

Run = Callable[..., Result]

PICTURE = png_bytes(np.full((20, 30, 3), (0, 20, 250), np.uint8))


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command about one photograph."""
    monkeypatch.setattr(classify, "open_services", fake_services)
    (tmp_path / "a.png").write_bytes(PICTURE)

    def classify_photograph(*arguments: str) -> Result:
        return CliRunner().invoke(classify.classify, [str(tmp_path / "a.png"), *arguments], obj=settings)

    return classify_photograph


def printed(done: Result) -> list[str]:
    """The labels of the bars."""
    assert done.exit_code == 0, done.output
    return sorted(line[2:26].strip() for line in done.stdout.splitlines()[1:])


SPELLINGS = ["CAFÉ", "café", unicodedata.normalize("NFD", "café"), "Café", "\ufeff café\u00a0"]


@pytest.mark.parametrize("spelling", SPELLINGS, ids=ascii)
@pytest.mark.parametrize("arguments", ["{}|{}|tea", "{}, {},tea", '["{}", "{}"]|tea'])
def test_spellings_of_a_label_count_once(run: Run, arguments: str, spelling: str) -> None:
    done = run(*arguments.format("café", spelling).split("|"))
    assert printed(done) == ["café", "tea", "unknown"]
    assert f"labels: {trim(spelling)} counts as café" in done.stderr


def test_words_are_read_in_english_where_their_language_is_named(run: Run) -> None:
    done = run("Katze", "Waldi", "--labels-lang", "de")
    assert printed(done) == ["Katze", "Waldi", "unknown"]
    assert "labels: Katze is read as cat\n" in done.stderr
    assert "no English text is known for Waldi" in done.stderr
    assert "labels:" not in run("Katze", "Waldi").stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["['cat']"], "expected a JSON array of strings"),
        (["Auto", "Wagen", "--labels-lang", "de"], "'Auto' and 'Wagen', which are both read as 'car'"),
        (["cat", "--labels-lang", "xx"], "--labels-lang: expected one of en, ar, de"),
        (["--labels-lang", "de"], "--labels-lang: expected it with `LABELS` only"),
        (["ca\u202et"], "U+202E"),
    ],
)
def test_labels_that_cannot_be_used_are_named(run: Run, arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert (done.exit_code, message in done.stderr) == (2, True), done.output


def test_labels_are_printed_whole(run: Run) -> None:
    long = "a very long label that takes more than one column"
    assert long in run(long, "x").stdout
