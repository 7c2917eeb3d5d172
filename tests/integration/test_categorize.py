"""`cli.py categorize` with the embedded models, run as a user runs it, killed half-way and resumed."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from skimage import data

from cli import cli
from config.settings import ROOT
from domain.arrays import Rgb

LABELS = "cat, cup of coffee, sofa"
PATIENCE_S = 300


def command(*arguments: object) -> list[str]:
    return [sys.executable, "cli.py", "categorize", *map(str, arguments)]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


def tree(folder: Path) -> dict[str, str]:
    """Return the paths of a folder, except the journal and its lock, with hashes of their content."""
    files = [
        path for path in folder.rglob("*") if path.is_file() and path.name not in ("journal.jsonl", "lock")
    ]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


@pytest.fixture
def folder(tmp_path: Path, photographs: dict[str, Rgb]) -> Path:
    """Make a folder of cats, coffee, bricks and text with clashing names, broken files and other files."""
    root = tmp_path / "my photos"
    (root / "sub" / "日本").mkdir(parents=True)
    for path, rgb in {
        "cat.png": photographs["chelsea"],
        "sub/cat.png": np.ascontiguousarray(photographs["chelsea"][:, ::-1]),
        "sub/日本/猫 <b>.jpg": photographs["chelsea"],
        "sub/cup.jpg": photographs["coffee"],
        "wall.jpg": data.brick(),
        "text.jpg": data.page(),
    }.items():
        Image.fromarray(rgb).save(root / path)
    (root / "broken.jpg").write_bytes(b"no image")
    (root / "sub" / "cut.jpg").write_bytes((root / "sub" / "cup.jpg").read_bytes()[:5_000])
    (root / "notes.txt").write_text("no image either")
    (root / "sub" / "round").symlink_to("..")
    return root


def many(folder: Path, count: int) -> Path:
    """Make a folder of many photographs with clashing names."""
    for number in range(count):
        target = folder.parent / "many" / f"{number % 10}" / f"{number // 10:03}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        source = ("sub/cup.jpg", "sub/日本/猫 <b>.jpg", "wall.jpg", "broken.jpg")[number % 4]
        shutil.copyfile(folder / source, target)
    return folder.parent / "many"


def test_each_photograph_goes_to_the_folder_of_its_label(folder: Path) -> None:
    before = tree(folder)
    done = run(folder, "--labels", LABELS, "--copy")
    out = folder.with_name("my photos-sorted")
    sorted_ = {path for path in tree(out) if path.endswith((".jpg", ".png")) and ".categorize" not in path}
    assert sorted_ == {
        "cat/cat.png",
        "cat/cat (2).png",
        "cat/猫 <b>.jpg",
        "cup of coffee/cup.jpg",
        "unknown/wall.jpg",
        "unknown/text.jpg",
    }
    assert tree(folder) == before
    assert done.returncode == 1, done.stderr
    for message in ("broken.jpg: expected an image", "sub/cut.jpg: expected a JPEG", "2 could not be sorted"):
        assert message in done.stderr
    assert "6 photographs copied to" in done.stdout
    assert "1 file was passed over: .txt 1; 1 linked folders were not followed" in done.stdout
    facts = json.loads((out / "report.json").read_text())
    assert facts["categories"] == {"cat": 3, "cup of coffee": 1, "sofa": 0, "unknown": 2}
    assert [problem["path"] for problem in facts["problems"]] == ["broken.jpg", "sub/cut.jpg"]
    html = (out / "report.html").read_text()
    assert html.count("data:image/jpeg;base64,") == 6
    assert "猫 &lt;b&gt;.jpg" in html


def test_a_dry_run_writes_reports_if_asked_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    before = tree(tmp_path)
    done = run(folder, "--labels", LABELS, "--flat")
    assert "3 photographs labelled" in done.stdout
    assert tree(tmp_path) == before
    report = tmp_path / "report"
    run(folder, "--labels", LABELS, "--report", report, "--threshold", 1)
    assert tree(folder) == {key.removeprefix("my photos/"): value for key, value in before.items()}
    assert {path.name for path in report.iterdir() if path.is_file()} == {
        "report.csv",
        "report.json",
        "report.html",
    }
    assert json.loads((report / "report.json").read_text())["categories"]["unknown"] == 6


@pytest.mark.parametrize("action", ["copy", "move"])
def test_a_killed_run_is_resumed(folder: Path, action: str) -> None:
    source, out = many(folder, 60), folder.parent / "out"
    kept = folder.parent / "kept"
    shutil.copytree(source, kept)
    arguments = (source, "--labels", LABELS, f"--{action}", "--out", out)
    run(*arguments)
    whole, rest = tree(out), tree(source)
    assert len(whole) == 45 + 45 + 3  # photographs, thumbnails, reports
    shutil.rmtree(out)
    shutil.rmtree(source)
    shutil.copytree(kept, source)
    for signal_, lines in ((signal.SIGKILL, 40), (signal.SIGINT, 90)):
        interrupt(arguments, out / ".categorize" / "journal.jsonl", lines, signal_)
        assert tree(out) != whole
    done = run(*arguments)
    assert "45 photographs" in done.stdout
    assert "15 could not be sorted" in done.stderr
    assert tree(out) == whole
    assert tree(source) == rest


def interrupt(arguments: tuple[object, ...], journal: Path, lines: int, signal_: int) -> None:
    """Start the command, and kill it as soon as its journal has this many lines."""
    process = subprocess.Popen(
        command(*arguments),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that started the tests in the background made them, and what they start, deaf to Ctrl-C.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + PATIENCE_S
    while not journal.exists() or journal.read_bytes().count(b"\n") < lines:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(process.pid, signal_)
    _, stderr = process.communicate(timeout=PATIENCE_S)
    assert process.returncode != 0
    if signal_ == signal.SIGINT:
        assert "Interrupted. Run the same command again to resume." in stderr


def test_nothing_is_overwritten_and_the_same_command_again_changes_nothing(folder: Path) -> None:
    out = folder / "sorted"
    (out / "cat").mkdir(parents=True)
    (out / "cat" / "cat.png").write_text("the user's own")
    arguments = (folder, "--labels", LABELS, "--link", "--out", out)
    run(*arguments)
    assert (out / "cat" / "cat.png").read_text() == "the user's own"
    assert (out / "cat" / "cat (2).png").readlink() == folder / "cat.png"
    first = tree(out)
    assert "6 photographs linked from" in run(*arguments).stdout
    assert tree(out) == first
    other = run(folder, "--labels", "cat, dog", "--link", "--out", out)
    assert other.returncode == 1
    assert "an earlier run had other labels" in other.stderr


def test_an_empty_folder(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert (done.returncode, done.stdout) == (0, f"no photographs in {tmp_path}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--copy", "--move"], "expected one of --copy"),
        (["--copy", "--out", "."], "a folder of its own"),
        (["--labels", "cat", "--vocabulary", "default"], "got both"),
        (["--labels", "['cat']"], "expected a JSON array of strings"),
        (["--vocabulary", "klingon"], "got 'klingon'"),
    ],
)
def test_bad_options_are_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["categorize", ".", *arguments])
    assert done.exit_code != 0
    assert message in done.output
    assert list(tmp_path.iterdir()) == []
