"""Commands over files of any name: each photograph has its own output, and every name can be printed."""

import os
import unicodedata
from collections.abc import Callable
from importlib import import_module
from itertools import product
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result

import config.settings
from cli import cli
from commands.output import Output, OutputPlan
from commands.photographs import FileBatch
from config.settings import Settings
from tests.conftest import fake_services, png_bytes

PICTURE = png_bytes(np.full((20, 30, 3), (0, 20, 250), np.uint8))

COMMANDS = ["segment", "analyze", "depth", "text", "caption", "moderate", "classify", "index"]

OUTPUTS = [
    ("segment", "--json"),
    ("segment", "--out"),
    ("analyze", "--json"),
    ("analyze", "--out"),
    ("depth", "--out"),
    ("text", "--json"),
    ("caption", "--json"),
    ("moderate", "--json"),
    ("classify", "--plot"),
]
"""Every command and option that writes one file for each photograph."""

NFC, NFD = (unicodedata.normalize(form, "café.jpg") for form in ("NFC", "NFD"))

EQUAL_NAMES = {
    "two folders": ["100CANON/IMG_0001.jpg", "101CANON/IMG_0001.jpg"],
    "deep folders": ["a/b/x.jpg", "a/x.jpg", "x.jpg"],
    "case": ["A.JPG", "a.jpg", "a.Jpg"],
    "case of folders": ["A/x.jpg", "a/x.jpg"],
    "composed and decomposed": [NFC, NFD],
    "other suffix": ["a.jpg", "a.png", "a.jpeg"],
    "dots": ["a.b.jpg", "a-b.jpg", "a.b-jpg.jpg"],
    "blanks": ["a.jpg", " a.jpg", "a .jpg"],
}


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command over fakes, with the encoding of its standard output."""

    def invoke(name: str, *arguments: object, charset: str = "utf-8") -> Result:
        module = import_module(f"commands.{'search' if name == 'similar' else name}")
        monkeypatch.setattr(module, "open_services", fake_services)
        monkeypatch.setattr(config.settings, "load_settings", lambda: settings)
        return CliRunner(charset=charset).invoke(cli, [name, *map(os.fsdecode, map(str, arguments))])

    monkeypatch.setattr("commands.photographs.configure_logging", lambda _: None)
    return invoke


def fill(folder: Path, *names: str | bytes) -> Path:
    for name in names:
        file = folder / os.fsdecode(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(PICTURE)
    return folder


def written(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def as_seen_by_every_disk(names: list[str]) -> set[str]:
    return {unicodedata.normalize("NFC", name).casefold() for name in names}


@pytest.mark.parametrize(("command", "option"), OUTPUTS)
@pytest.mark.parametrize("kind", EQUAL_NAMES)
def test_each_photograph_of_a_folder_has_its_own_output(
    run: Callable[..., Result], tmp_path: Path, command: str, option: str, kind: str
) -> None:
    names = EQUAL_NAMES[kind]
    folder, out = fill(tmp_path / "in", *names), tmp_path / "out"
    for _ in range(2):  # The same command replaces its own outputs.
        labels = ["red", "blue"] if command == "classify" else []
        done = run(command, folder, *labels, option, out)
        assert done.exit_code == 0, done.output
        assert len(as_seen_by_every_disk(written(out))) == len(written(out)) == len(names)
    assert {Path(path).parent.as_posix() for path in written(out)} == {
        Path(name).parent.as_posix() for name in names
    }


def plan(tmp_path: Path, named: list[str]) -> dict[Path, str]:
    """The outputs of photographs and folders that are named, relative to the folder of outputs."""
    out = tmp_path / "out"
    batch = FileBatch.of([tmp_path / name for name in named], "WARNING")
    paths = OutputPlan.of(batch, Output("--json", out, ".json")).paths["--json"]
    return {file: path.relative_to(out).as_posix() for file, path in paths.items()}


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (["in"], {"a/x-jpg.json", "b/x-jpg.json", "x-jpg.json"}),
        (["in/a", "in/b"], {"a/x-jpg.json", "b/x-jpg.json"}),
        (["in/a/x.jpg", "in/b/x.jpg"], {"a/x-jpg.json", "b/x-jpg.json"}),
        (["in/a/x.jpg", "in/b"], {"a/x-jpg.json", "b/x-jpg.json"}),
        (["in", "in/a/x.jpg", "in/../in/b/x.jpg"], {f"in/{name}-jpg.json" for name in ("x", "a/x", "b/x")}),
        (["in/a", "in/b", "in/a/../a"], {"a/x-jpg.json", "b/x-jpg.json"}),
        (["in/x.jpg", "in/x-jpg"], {"x-jpg.json", "x-jpg (2).json"}),
    ],
)
def test_outputs_lie_as_the_photographs_do(tmp_path: Path, named: list[str], expected: set[str]) -> None:
    fill(tmp_path / "in", "a/x.jpg", "b/x.jpg", "x.jpg", "x-jpg")
    assert set(plan(tmp_path, named).values()) == expected


def test_a_number_in_a_name_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(tmp_path / "in", "A.jpg", "a.jpg")
    assert sorted(plan(tmp_path, ["in"]).values()) == ["A-jpg.json", "a-jpg (2).json"]
    assert "a.jpg: its output is" in capsys.readouterr().err


def test_a_link_to_a_folder_that_is_named_is_followed(tmp_path: Path) -> None:
    fill(tmp_path / "real", "a/x.jpg", "b/x.jpg")
    (tmp_path / "link").symlink_to("real")
    assert set(plan(tmp_path, ["link"]).values()) == {"a/x-jpg.json", "b/x-jpg.json"}
    assert set(plan(tmp_path, ["link/a", "link/b/x.jpg"]).values()) == {"a/x-jpg.json", "b/x-jpg.json"}


@pytest.mark.parametrize(("command", "option"), OUTPUTS)
def test_a_photograph_is_never_replaced(
    run: Callable[..., Result], tmp_path: Path, command: str, option: str
) -> None:
    folder = fill(tmp_path / "in", "a.jpg", "b.jpg")
    (tmp_path / "link.jpg").symlink_to(folder / "a.jpg")
    labels = ["red"] if command == "classify" else []
    for out in (folder / "a.jpg", tmp_path / "in" / ".." / "in" / "a.jpg", tmp_path / "link.jpg"):
        done = run(command, folder / "a.jpg", *labels, option, out)
        assert done.exit_code == 2
        assert "is one of the photographs" in done.output
    done = run(command, folder, *labels, option, folder / "a.jpg")
    assert (done.exit_code, "expected a folder" in done.output) == (2, True)
    ending = "png" if option in ("--out", "--plot") else "json"
    fill(folder, f"a-jpg.{ending}")
    named = [folder] if ending == "png" else [folder / "a.jpg", folder / "a-jpg.json"]
    done = run(command, *named, *labels, option, folder)
    assert (done.exit_code, "a-jpg" in done.output) == (2, True), done.output
    assert {file.read_bytes() for file in folder.iterdir()} == {PICTURE}


def test_two_options_do_not_share_a_file(run: Callable[..., Result], tmp_path: Path) -> None:
    photo = fill(tmp_path / "in", "a.jpg") / "a.jpg"
    done = run("segment", photo, "--out", tmp_path / "x", "--json", tmp_path / "X")
    assert (done.exit_code, "output of another option" in done.output) == (2, True)


def test_outputs_inside_the_folder_are_no_photographs(run: Callable[..., Result], tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", "a.jpg", "sub/b.jpg")
    for _ in range(2):
        assert run("segment", folder, "--out", folder / "overlays").exit_code == 0
    assert sorted(written(folder / "overlays")) == ["a-jpg.png", "sub/b-jpg.png"]


def test_one_photograph_goes_into_the_file_or_into_a_folder(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    photo = fill(tmp_path / "in", "a.jpg") / "a.jpg"
    assert run("text", photo, "--json", tmp_path / "new" / "x.json").exit_code == 0
    (tmp_path / "old").mkdir()
    assert run("text", photo, "--json", tmp_path / "old").exit_code == 0
    assert (written(tmp_path / "new"), written(tmp_path / "old")) == (["x.json"], ["a-jpg.json"])


@pytest.mark.parametrize(("command", "option"), OUTPUTS)
def test_a_name_that_is_too_long_concerns_one_photograph(
    run: Callable[..., Result], tmp_path: Path, command: str, option: str
) -> None:
    folder = fill(tmp_path / "in", "x" * 251 + ".jpg", "a.jpg", "z.jpg")
    labels = ["red"] if command == "classify" else []
    done = run(command, folder, *labels, option, tmp_path / "out")
    assert done.exit_code == 1
    assert "could not be written: File name too long" in done.output
    assert "1 of 3 photographs" in done.output
    assert {Path(name).stem for name in written(tmp_path / "out")} == {"a-jpg", "z-jpg"}


ODD_NAMES = [
    b"plain.jpg",
    "café 猫.jpg".encode(),
    "👩‍👧.jpg".encode(),
    b"latin-\xe9.jpg",
    b"\xff\xfe/\x80.jpg",
    b"line\nbreak.jpg",
    b"esc\x1b[31m.jpg",
    "‮gpj.jpg".encode(),
    b"-rf.jpg",
    b"%s {0}.jpg",
]


@pytest.mark.parametrize(
    ("command", "charset"), [*product(COMMANDS, ["utf-8", "ascii", "cp1252", "shift_jis"])]
)
def test_every_name_is_printed_in_every_encoding(
    run: Callable[..., Result], tmp_path: Path, command: str, charset: str
) -> None:
    folder = fill(tmp_path / "in", *ODD_NAMES)
    (folder / os.fsdecode(b"broken-\xe9.jpg")).write_bytes(b"")
    fill(folder, b"other-\xe9.x\xe9")
    needed = {"classify": ["red"], "depth": ["--out", tmp_path / "out"]}.get(command, [])
    done = run(command, folder, *needed, charset=charset)
    assert done.exit_code == 1
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert f"1 of {len(ODD_NAMES) + 1} photographs" in done.output
    assert "broken-\\xe9.jpg: expected" in done.output
    assert "1 file was passed over: .x\\xe9 1" in done.output
    if command not in ("depth", "index"):
        told = [line for line in done.stdout.splitlines() if "/in/" in line]
        assert len(told) == len(ODD_NAMES)
        for part in ("latin-\\xe9", "\\xff\\xfe", "line\\nbreak", "esc\\x1b[31m"):
            assert any(part in line for line in told), part


@pytest.mark.parametrize("charset", ["utf-8", "ascii", "cp1252"])
def test_files_of_any_name_are_found_again(run: Callable[..., Result], tmp_path: Path, charset: str) -> None:
    folder = fill(tmp_path / "in", *ODD_NAMES)
    assert f"{len(ODD_NAMES)} photographs added" in run("index", folder, charset=charset).stdout
    assert f"{len(ODD_NAMES)} indexed already" in run("index", folder, charset=charset).stdout
    found = run("search", "blue", "--all", "--top", 100, charset=charset)
    assert found.exit_code == 0, found.output
    assert len([line for line in found.stdout.splitlines() if "/in/" in line]) == len(ODD_NAMES)
    assert "latin-\\xe9.jpg" in found.stdout
    like = run("similar", folder / os.fsdecode(b"latin-\xe9.jpg"), "--all", "--top", 100, charset=charset)
    assert len(like.stdout.splitlines()) == len(ODD_NAMES) - 1
    (folder / os.fsdecode(b"latin-\xe9.jpg")).unlink()
    assert run("index", folder, "--prune", charset=charset).stdout.startswith("1 photographs taken out")
    gone = run("index", folder, "--forget", charset=charset).stdout
    assert gone.startswith(f"{len(ODD_NAMES) - 1} photographs taken out")


def test_pruning_keeps_what_may_exist(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fill(tmp_path / "in", "a.jpg", "b.jpg")
    assert run("index", folder).exit_code == 0
    examine = Path.stat

    def refuse(path: Path, **options: bool) -> os.stat_result:
        if path.name == "b.jpg":
            raise PermissionError(13, "Permission denied")
        return examine(path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", refuse)
        (folder / "a.jpg").unlink()
        assert run("index", folder, "--prune").stdout.startswith("1 photographs taken out")
    assert "expected --prune or --forget" in run("index", folder, "--prune", "--forget").output
    assert "1 indexed already" in run("index", folder).stdout


def test_bars_are_drawn_with_what_the_terminal_has(run: Callable[..., Result], tmp_path: Path) -> None:
    photo = fill(tmp_path, "a.jpg") / "a.jpg"
    for charset, bar in (("utf-8", "███"), ("cp1252", "###"), ("ascii", "###")):
        assert bar in run("classify", photo, "red", "blue", charset=charset).stdout


def test_what_is_left_out_is_told(run: Callable[..., Result], tmp_path: Path) -> None:
    names = ["a.jpg", "b.JFIF", "c.dib", "._a.jpg", ".DS_Store", "Thumbs.db", ".hidden.jpg", "d.txt", "e.TXT"]
    names += ["raw.cr2", "README", "@eaDir/a.jpg", "__MACOSX/a.jpg", ".git/a.jpg"]
    folder = fill(tmp_path / "in", *names)
    (folder / "loop").symlink_to(".")
    done = run("text", folder)
    assert done.exit_code == 0, done.output
    assert [Path(line).name for line in done.stdout.splitlines() if line.startswith("# ")] == [
        "a.jpg",
        "b.JFIF",
        "c.dib",
    ]
    assert "5 files were passed over: .txt 2, .cr2 1, hidden 1, no suffix 1" in done.stderr
    assert "1 linked folders were not followed" in done.stderr
    assert "no photographs in" in run("text", fill(tmp_path / "none", "x.txt")).stderr


def test_a_file_that_is_named_is_tried_whatever_it_is_called(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    for name in ("photo", "photo.txt", ".photo.jpg", "._photo"):
        done = run("text", fill(tmp_path, name) / name)
        assert done.exit_code == 0, done.output


def test_what_cannot_be_examined_stops_nothing(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fill(tmp_path / "in", "a.jpg", "locked/b.jpg", "gone.jpg", "z.jpg")
    (folder / "dead.jpg").symlink_to("nowhere")
    (folder / "self.jpg").symlink_to("self.jpg")
    os.mkfifo(folder / "pipe.jpg")
    (folder / "empty.jpg").touch()
    scan, read = os.scandir, Path.read_bytes

    def refuse(path: str) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    def vanish(path: Path) -> bytes:
        if path.name == "gone.jpg":
            path.unlink(missing_ok=True)
        return read(path)

    monkeypatch.setattr(os, "scandir", refuse)
    monkeypatch.setattr(Path, "read_bytes", vanish)
    done = run("text", folder)
    assert done.exit_code == 1
    assert len([line for line in done.stdout.splitlines() if line.startswith("# ")]) == 2
    for words in (
        "locked: could not be examined: Permission denied",
        "dead.jpg: could not be examined: No such file",
        "self.jpg: could not be examined: Too many levels",
        "pipe.jpg: could not be examined: expected a regular file",
        "gone.jpg: could not be read: No such file",
        "empty.jpg: expected",
        "2 of 4 photographs could not be read; 4 files or folders could not be examined",
    ):
        assert words in done.stderr


def test_an_empty_batch_has_no_outputs(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    assert plan(tmp_path, ["in"]) == {}
    fill(tmp_path, "out", "in/a.jpg")
    with pytest.raises(click.ClickException, match="expected a folder"):
        plan(tmp_path, ["in"])
