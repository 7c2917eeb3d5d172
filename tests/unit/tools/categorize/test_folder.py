"""The disk folder lists images, and copies, moves and links without overwriting or losing a file."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.categorize.file_actions import PARTIAL_COPY_NAME
from tools.categorize.folder import DiskFolder
from tools.categorize.types import FileAction, FileProblem, PhotoFile


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "sub" / "deep").mkdir(parents=True)
    for name in ("b.jpg", "a.PNG", "notes.txt", ".hidden.jpg", "sub/a.jpg", "sub/deep/日本.jpg"):
        (folder / name).write_bytes(name.encode())
    return folder


def disk(root: Path, *excluded: Path) -> DiskFolder:
    return DiskFolder(root, root.parent / "out", excluded)


def photo(path: str) -> PhotoFile:
    return PhotoFile(path, 1, 1)


def paths(folder: DiskFolder, recursive: bool = True) -> list[str]:
    return [file.path for file in folder.list_files(recursive).files]


def test_photographs_by_suffix_in_order(root: Path) -> None:
    listing = disk(root).list_files(recursive=True)
    assert [file.path for file in listing.files] == ["a.PNG", "b.jpg", "sub/a.jpg", "sub/deep/日本.jpg"]
    assert listing.files[1].size == 5
    assert listing.files[1].mtime_ns == (root / "b.jpg").stat().st_mtime_ns
    assert (listing.passed_over, listing.problems) == ({".txt": 1, "hidden": 1}, ())
    assert paths(disk(root), recursive=False) == ["a.PNG", "b.jpg"]


def test_hidden_and_excluded_folders_are_not_entered(root: Path) -> None:
    (root / ".categorize").mkdir()
    (root / ".categorize" / "x.jpg").touch()
    assert "sub/a.jpg" not in paths(disk(root, root / "sub"))
    assert paths(disk(root, root / "sub" / "deep")) == ["a.PNG", "b.jpg", "sub/a.jpg"]


def test_links(root: Path) -> None:
    (root / "sub" / "loop").symlink_to("..")
    (root / "self").symlink_to("self")
    (root / "photo.jpg").symlink_to("b.jpg")
    (root / "dead.jpg").symlink_to("nowhere")
    listing = disk(root).list_files(recursive=True)
    assert "photo.jpg" in [file.path for file in listing.files]
    assert listing.linked_folders == 1
    assert [problem.path for problem in listing.problems] == ["dead.jpg", "self"]


def test_a_pipe_is_no_photograph(root: Path) -> None:
    os.mkfifo(root / "pipe.jpg")
    (problem,) = disk(root).list_files(recursive=True).problems
    assert problem == FileProblem("pipe.jpg", "expected a regular file, got a pipe, socket or device")


def test_a_folder_that_cannot_be_read_stops_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = os.scandir

    def refuse(folder: Path) -> object:
        if Path(folder).name == "sub":
            raise PermissionError(errno.EACCES, "Permission denied", str(folder))
        return scan(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    listing = disk(root).list_files(recursive=True)
    assert [file.path for file in listing.files] == ["a.PNG", "b.jpg"]
    assert listing.problems == (FileProblem("sub", "Permission denied"),)


def test_bytes_that_are_no_unicode(root: Path) -> None:
    (root / os.fsdecode(b"\xff.jpg")).write_bytes(b"raw")
    (name,) = [path for path in paths(disk(root)) if path.startswith("\udcff")]
    folder = disk(root)
    assert folder.read(photo(name)) == b"raw"
    folder.place(photo(name), f"x/{name}", "copy")
    assert folder.exists(f"x/{name}")


@pytest.mark.parametrize("action", ["copy", "move", "link"])
def test_place(root: Path, action: FileAction) -> None:
    folder, source, target = disk(root), root / "b.jpg", root.parent / "out" / "cat" / "b.jpg"
    before = source.stat()
    folder.place(photo("b.jpg"), "cat/b.jpg", action)
    assert target.read_bytes() == b"b.jpg"
    assert target.stat().st_mtime_ns == before.st_mtime_ns
    assert source.exists() == (action != "move")
    assert target.is_symlink() == (action == "link")
    assert folder.complete(photo("b.jpg"), "cat/b.jpg", action)
    assert [path.name for path in target.parent.iterdir()] == ["b.jpg"]


@pytest.mark.parametrize("action", ["copy", "move", "link"])
@pytest.mark.parametrize("hard_links", [True, False])
def test_nothing_is_overwritten(
    root: Path, action: FileAction, hard_links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hard_links:
        monkeypatch.setattr(os, "link", failing(errno.EPERM))
    cat = root.parent / "out" / "cat"
    cat.mkdir(parents=True)
    (cat / "b.jpg").write_bytes(b"the user's own")
    (cat / "dead.jpg").symlink_to("nowhere")
    folder = disk(root)
    for name in ("b.jpg", "dead.jpg"):
        assert folder.exists(f"cat/{name}")
        with pytest.raises(FileExistsError):
            folder.place(photo("b.jpg"), f"cat/{name}", action)
        assert not folder.complete(photo("b.jpg"), f"cat/{name}", action)
    assert (cat / "b.jpg").read_bytes() == b"the user's own"
    assert (root / "b.jpg").read_bytes() == b"b.jpg"
    assert {path.name for path in cat.iterdir()} == {"b.jpg", "dead.jpg"}


def failing(number: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_file_system_without_hard_links(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    folder, out = disk(root), root.parent / "out"
    folder.place(photo("b.jpg"), "cat/b.jpg", "move")
    folder.place(photo("sub/a.jpg"), "cat/a.jpg", "copy")
    assert (out / "cat" / "b.jpg").read_bytes() == b"b.jpg"
    assert (out / "cat" / "a.jpg").read_bytes() == b"sub/a.jpg"
    assert not (root / "b.jpg").exists()


def between_devices(monkeypatch: pytest.MonkeyPatch, inside: Path) -> None:
    """Linking and renaming work within `inside` only."""
    link = os.link

    def within(source: Path, target: Path, **options: bool) -> None:
        if not Path(source).is_relative_to(inside):
            failing(errno.EXDEV)()
        link(source, target, **options)

    monkeypatch.setattr(os, "link", within)


def test_a_move_to_another_device_is_on_the_disk_before_the_source_goes(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = root.parent / "out"
    between_devices(monkeypatch, out)
    synced: list[bool] = []
    sync = os.fsync

    def note(descriptor: int) -> None:
        synced.append((root / "b.jpg").exists())
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    disk(root).place(photo("b.jpg"), "cat/b.jpg", "move")
    assert synced == [True, True]
    assert not (root / "b.jpg").exists()
    assert (out / "cat" / "b.jpg").read_bytes() == b"b.jpg"


def test_a_move_to_a_full_device_leaves_the_source(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = root.parent / "out"
    between_devices(monkeypatch, out)
    monkeypatch.setattr("shutil.copyfileobj", failing(errno.ENOSPC))
    with pytest.raises(OSError, match="No space"):
        disk(root).place(photo("b.jpg"), "cat/b.jpg", "move")
    assert (root / "b.jpg").read_bytes() == b"b.jpg"
    assert list((out / "cat").iterdir()) == []


@pytest.mark.parametrize("devices", [1, 2])
def test_a_source_that_may_not_be_removed_stays_alone(
    root: Path, devices: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, unlink = root.parent / "out", Path.unlink
    if devices == 2:
        between_devices(monkeypatch, out)

    def guarded(path: Path, missing_ok: bool = False) -> None:
        if path.is_relative_to(root):
            failing(errno.EACCES)()
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", guarded)
    with pytest.raises(PermissionError):
        disk(root).place(photo("b.jpg"), "cat/b.jpg", "move")
    assert (root / "b.jpg").read_bytes() == b"b.jpg"
    assert list((out / "cat").iterdir()) == []


def test_interrupted_moves_are_finished(root: Path) -> None:
    folder, source = disk(root), root / "b.jpg"
    target = root.parent / "out" / "cat" / "b.jpg"
    assert not folder.complete(photo("b.jpg"), "cat/b.jpg", "move")
    target.parent.mkdir(parents=True)
    (target.parent / PARTIAL_COPY_NAME).write_bytes(b"b.")
    assert not folder.complete(photo("b.jpg"), "cat/b.jpg", "move")
    assert not (target.parent / PARTIAL_COPY_NAME).exists()
    os.link(source, target)
    assert folder.complete(photo("b.jpg"), "cat/b.jpg", "move")
    assert not source.exists()
    assert target.read_bytes() == b"b.jpg"
    assert folder.complete(photo("b.jpg"), "cat/b.jpg", "move")


def test_the_only_copy_is_never_taken_for_a_second_one(root: Path) -> None:
    out = root.parent / "out"
    out.mkdir()
    (out / "cat").symlink_to(root)
    folder = disk(root)
    folder.complete(photo("b.jpg"), "cat/b.jpg", "move")
    assert (root / "b.jpg").read_bytes() == b"b.jpg"
    (out / "dog").mkdir()
    (out / "dog" / "b.jpg").symlink_to(root / "b.jpg")
    assert not folder.complete(photo("b.jpg"), "dog/b.jpg", "move")
    assert (root / "b.jpg").read_bytes() == b"b.jpg"


def test_a_linked_photograph_is_moved_as_a_link(root: Path) -> None:
    (root / "sub" / "link.jpg").symlink_to("../b.jpg")
    folder, target = disk(root), root.parent / "out" / "cat" / "link.jpg"
    folder.place(photo("sub/link.jpg"), "cat/link.jpg", "move")
    assert target.is_symlink()
    assert target.read_bytes() == b"b.jpg"
    assert not (root / "sub" / "link.jpg").is_symlink()
    (root / "sub" / "link.jpg").symlink_to("../b.jpg")
    assert folder.complete(photo("sub/link.jpg"), "cat/link.jpg", "move")
    assert not (root / "sub" / "link.jpg").is_symlink()
    assert (root / "b.jpg").exists()


def test_a_file_where_a_folder_is_needed(root: Path) -> None:
    (root.parent / "out").mkdir()
    (root.parent / "out" / "cat").write_bytes(b"the user's own")
    with pytest.raises(NotADirectoryError, match="expected a folder"):
        disk(root).place(photo("b.jpg"), "cat/b.jpg", "move")
    assert (root / "b.jpg").exists()
