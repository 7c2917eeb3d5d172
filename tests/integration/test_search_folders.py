"""cli.py index, search and similar, as a user runs them, with the embedded models; killed half-way too."""

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from PIL import Image

from config.settings import ROOT
from domain.arrays import Rgb
from tools.benchmarks.server import running

PATIENCE_S = 300


class Shell:
    """Runs commands over one data directory."""

    def __init__(self, data: Path) -> None:
        self.environment = {"SEGLABEL_DATA_DIR": str(data), "PATH": "/usr/bin:/bin"}
        self.data = data

    def __call__(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), cwd=ROOT, env=self.environment, capture_output=True, text=True,
            timeout=PATIENCE_S, check=False,
        )  # fmt: skip

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "cli.py", *map(str, arguments)]

    def lines(self, *arguments: object) -> list[str]:
        done = self(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def stored(self) -> set[str]:
        """file_ids of all stored copies; what a killed process had not finished storing is swept later."""
        names = {path.name for path in (self.data / "images").iterdir()}
        return {name for name in names if not name.startswith("tmp-")}


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "data")


@pytest.fixture
def folder(tmp_path: Path, photographs: dict[str, Rgb]) -> Path:
    root = tmp_path / "my photos"
    (root / "日本").mkdir(parents=True)
    Image.fromarray(photographs["chelsea"]).save(root / "日本" / "猫.jpg")
    Image.fromarray(photographs["coffee"]).save(root / "coffee.jpg")
    Image.fromarray(photographs["astronaut"]).save(root / "woman.png")
    return root


def test_a_folder_is_searched_by_words_and_by_pictures(
    shell: Shell, folder: Path, tmp_path: Path, photographs: dict[str, Rgb]
) -> None:
    assert shell.lines("index", folder) == ["3 photographs added, 0 updated, 0 indexed already"]
    cat = shell.lines("search", "a cat", "--top", 1)
    assert [line.split("  ", 1)[1] for line in cat] == [str(folder / "日本" / "猫.jpg")]
    (cup,) = shell.lines("search", "cup", "--scope", "region", "--top", 1, "--all")
    assert f"{folder / 'coffee.jpg'}  [" in cup
    assert "] cup " in cup
    Image.fromarray(photographs["coffee"][20:-20, 20:-20]).save(tmp_path / "other.png")
    (like,) = shell.lines("similar", tmp_path / "other.png", "--top", 1)
    assert like.endswith(str(folder / "coffee.jpg"))
    assert not any("coffee" in line for line in shell.lines("similar", folder / "coffee.jpg"))


def test_what_changes_in_the_folder_changes_in_the_index(shell: Shell, folder: Path) -> None:
    (folder / "broken.jpg").write_bytes(b"no image")
    first = shell("index", folder, "--whole")
    assert first.returncode == 1
    assert "broken.jpg: expected an image" in first.stderr
    assert "3 photographs added" in first.stdout
    (folder / "broken.jpg").unlink()
    assert shell.lines("index", folder, "--whole") == ["0 photographs added, 0 updated, 3 indexed already"]
    shutil.copyfile(folder / "日本" / "猫.jpg", folder / "coffee.jpg")
    (folder / "woman.png").unlink()
    assert shell.lines("index", folder, "--whole", "--prune") == [
        "2 photographs taken out of the index",  # the woman, and the broken one that was remembered
        "0 photographs added, 1 updated, 1 indexed already",
    ]
    assert len(shell.stored()) == 2
    (group,) = [line for line in shell.lines("search", "a cat") if not line.startswith("  =")]
    assert "猫.jpg" in group or "coffee.jpg" in group
    assert shell.lines("index", folder, "--forget") == ["2 photographs taken out of the index"]
    assert shell.stored() == set()
    assert "nothing is indexed" in shell("search", "a cat").stderr


def test_two_runs_at_once_index_each_file_once(shell: Shell, folder: Path) -> None:
    with ThreadPoolExecutor() as threads:
        runs = [threads.submit(shell, "index", folder, "--whole") for _ in range(2)]
    assert [run.result().returncode for run in runs] == [0, 0]
    assert (indexed(shell), len(shell.stored())) == (3, 3)
    assert shell.lines("index", folder, "--forget") == ["3 photographs taken out of the index"]
    assert (indexed(shell), shell.stored()) == (0, set())


def test_a_photograph_that_cannot_be_read_is_told_in_a_line(shell: Shell) -> None:
    unreadable = Path("/proc/self/mem")  # even an administrator cannot read from its beginning
    done = shell("similar", unreadable)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Error: Could not open file '{unreadable}': Input/output error\n"


def test_killed_half_way_and_gone_on_with(shell: Shell, folder: Path) -> None:
    many = folder.parent / "many"
    many.mkdir()
    for number in range(30):
        with Image.open(folder / "coffee.jpg") as image:
            image.rotate(number).save(many / f"{number:02}.jpg")
    process = subprocess.Popen(
        shell.command("index", many, "--whole"), cwd=ROOT, env=shell.environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + PATIENCE_S
    while indexed(shell) < 8:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE_S)
    before = indexed(shell)
    assert 8 <= before < 30
    (told,) = shell.lines("index", many, "--whole")
    added, updated, known = (int(part.split()[0]) for part in told.split(", "))
    assert added + updated == 30 - before
    assert known == before
    assert (indexed(shell), len(shell.stored())) == (30, 30)


def indexed(shell: Shell) -> int:
    path = shell.data / "index.sqlite"
    if not path.exists():
        return 0
    with sqlite3.connect(path, timeout=PATIENCE_S) as connection:
        try:
            return int(connection.execute("SELECT COUNT(*) FROM photographs").fetchone()[0])
        except sqlite3.OperationalError:  # the table is not there yet
            return 0


def test_the_running_service_finds_the_same(shell: Shell, folder: Path) -> None:
    shell.lines("index", folder, "--whole")
    with running(data_dir=str(shell.data), image_ttl_s=1) as service:
        found = requests.get(f"{service.url}/search", params={"q": "cat"}, timeout=PATIENCE_S).json()[
            "results"
        ]
        assert len(found) == 3
        assert found[0]["file_id"] in shell.stored()
