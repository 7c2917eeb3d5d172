"""Tests of the image store on disk: atomic, expiring, shared."""

import errno
import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.disk_images import SWEEP_INTERVAL_S, TEMPORARY_MAX_AGE_S, DiskImageStore
from adapters.files import write_durable_file
from domain.errors import NotFound, StorageUnavailable
from domain.image import ImageRecord

START = 1_000_000.0
REPOSITORY = Path(__file__).parents[3]


class Clock:
    """Clock that is set by hand."""

    now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "some" / "images"


@pytest.fixture
def store(root: Path, clock: Clock) -> DiskImageStore:
    return DiskImageStore(root, clock)


def record(number: int = 1, expires_at: float | None = START + 100) -> ImageRecord:
    return ImageRecord(f"{number:032x}", 20, 30, "JPEG", 5, START, expires_at)


def names(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir())


def leave_temporary(root: Path, modified_at: float) -> Path:
    folder = root / "tmp-left"
    folder.mkdir()
    (folder / "image").write_bytes(b"half")
    os.utime(folder, (modified_at, modified_at))
    return folder


def test_what_is_put_is_got(store: DiskImageStore, root: Path) -> None:
    store.put(record(), b"bytes")
    assert store.get(record().file_id) == record()
    assert store.read(record().file_id) == b"bytes"
    assert names(root) == [record().file_id]


def test_another_store_on_the_folder_sees_it(store: DiskImageStore, root: Path, clock: Clock) -> None:
    store.put(record(expires_at=None), b"bytes")
    assert DiskImageStore(root, clock).get(record().file_id).expires_at is None


@pytest.mark.parametrize(
    "file_id",
    ["", ".", "..", "../../etc/passwd", "tmp-left", "0" * 31, "0" * 33, "A" * 32, "0" * 32 + "\n", "\0" * 32],
)
def test_what_is_no_file_id_never_reaches_the_disk(
    store: DiskImageStore, file_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("the disk was touched"))
    for read in (store.get, store.read):
        with pytest.raises(NotFound):
            read(file_id)


def test_an_unknown_name_is_told_why(store: DiskImageStore) -> None:
    with pytest.raises(NotFound, match=r"f{32}.*expired") as missing:
        store.get("f" * 32)
    assert missing.value.details == {"file_id": "f" * 32}


def test_an_expired_image_is_not_found_and_gone(store: DiskImageStore, root: Path, clock: Clock) -> None:
    store.put(record(), b"bytes")
    clock.now = START + 99
    assert store.read(record().file_id) == b"bytes"
    clock.now = START + 100
    with pytest.raises(NotFound):
        store.read(record().file_id)
    assert names(root) == []


def test_what_is_removed_is_gone(store: DiskImageStore, root: Path) -> None:
    store.put(record(1), b"one")
    store.put(record(2), b"two")
    for file_id in (record(1).file_id, record(1).file_id, "no file_id"):
        store.remove(file_id)
    assert names(root) == [record(2).file_id]
    assert store.read(record(2).file_id) == b"two"


def test_a_sweep_deletes_what_expired_and_nothing_else(
    store: DiskImageStore, root: Path, clock: Clock
) -> None:
    store.put(record(1), b"bytes")
    store.put(record(2, expires_at=None), b"bytes")
    (root / "unrelated").mkdir()
    clock.now = START + 100
    store.sweep()
    assert names(root) == [record(2).file_id, "unrelated"]


def test_a_sweep_deletes_stale_temporary_folders_only(
    store: DiskImageStore, root: Path, clock: Clock
) -> None:
    leave_temporary(root, START)
    clock.now = START + TEMPORARY_MAX_AGE_S
    store.sweep()
    assert names(root) == ["tmp-left"]
    clock.now += 1
    store.sweep()
    assert names(root) == []


def test_put_sweeps_at_most_once_a_minute(store: DiskImageStore, root: Path, clock: Clock) -> None:
    store.put(record(1, expires_at=START + 1), b"bytes")
    clock.now = START + SWEEP_INTERVAL_S - 1
    store.put(record(2), b"bytes")
    assert names(root) == [record(1).file_id, record(2).file_id]
    clock.now = START + SWEEP_INTERVAL_S
    store.put(record(3), b"bytes")
    assert names(root) == [record(2).file_id, record(3).file_id]


def test_a_sweep_goes_on_past_damage(store: DiskImageStore, root: Path, clock: Clock) -> None:
    for number in (1, 2, 3):
        store.put(record(number), b"bytes")
    (root / record(1).file_id / "record.json").write_text("{")
    (root / record(2).file_id / "record.json").unlink()
    clock.now = START + 100
    store.sweep()
    assert names(root) == [record(1).file_id, record(2).file_id]


def test_a_damaged_record_is_told(store: DiskImageStore, root: Path) -> None:
    store.put(record(), b"bytes")
    (root / record().file_id / "record.json").write_text("{}")
    with pytest.raises(StorageUnavailable, match="damaged"):
        store.get(record().file_id)


@pytest.mark.parametrize("failing", ["image", "record.json"])
def test_a_full_disk_leaves_nothing_behind(
    store: DiskImageStore, root: Path, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        write_durable_file(path, data[:2] if path.name == failing else data)
        if path.name == failing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("adapters.disk_images.write_durable_file", full)
    with pytest.raises(StorageUnavailable, match="No space left on device") as refused:
        store.put(record(), b"bytes")
    assert refused.value.code == "storage_unavailable"
    assert names(root) == []


def test_a_crash_while_writing_leaves_nothing_behind(
    store: DiskImageStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("adapters.disk_images.write_durable_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.put(record(), b"bytes")
    assert names(root) == []


def test_a_name_is_never_overwritten(store: DiskImageStore, root: Path) -> None:
    store.put(record(), b"first")
    with pytest.raises(StorageUnavailable):
        store.put(record(), b"other")
    assert store.read(record().file_id) == b"first"
    assert names(root) == [record().file_id]


def test_a_folder_that_vanished_is_told(store: DiskImageStore, root: Path) -> None:
    root.rmdir()
    store.sweep()
    with pytest.raises(StorageUnavailable, match="could not store the image"):
        store.put(record(), b"bytes")


def test_threads_put_read_and_sweep_at_once(store: DiskImageStore, root: Path, clock: Clock) -> None:
    barrier = threading.Barrier(8)
    failures: list[BaseException] = []

    def work(first: int) -> None:
        try:
            barrier.wait(10)
            for number in range(first, first + 5):
                store.put(record(number), bytes([number]))
                store.sweep()
                assert store.read(record(number).file_id) == bytes([number])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(5 * index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failures
    assert len(names(root)) == 40
    clock.now = START + 100
    sweepers = [threading.Thread(target=store.sweep) for _ in range(4)]
    for thread in sweepers:
        thread.start()
    for thread in sweepers:
        thread.join(30)
    assert names(root) == []


PUTTER = """
import sys
from pathlib import Path
from adapters.disk_images import DiskImageStore
from domain.image import ImageRecord
root, first = Path(sys.argv[1]), int(sys.argv[2])
store = DiskImageStore(root)
for number in range(first, first + 20):
    store.put(ImageRecord(f"{number:032x}", 20, 30, "JPEG", 1, 0.0, None), bytes([number]))
    store.sweep()
"""


def test_two_processes_put_at_once(store: DiskImageStore, root: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", PUTTER, str(root), first], cwd=REPOSITORY)
        for first in ("0", "20")
    ]
    assert [process.wait(30) for process in processes] == [0, 0]
    assert names(root) == [f"{number:032x}" for number in range(40)]
    assert all(store.read(f"{number:032x}") == bytes([number]) for number in range(40))


def test_what_was_said_of_the_pixels_is_kept(store: DiskImageStore, root: Path) -> None:
    said = replace(record(), background="grey", warnings=("The colour profile was not applied.",))
    store.put(said, b"bytes")
    assert store.get(said.file_id) == said
    path = root / said.file_id / "record.json"
    older = {name: value for name, value in json.loads(path.read_text()).items() if name != "warnings"}
    path.write_text(json.dumps(older))
    assert store.get(said.file_id) == replace(said, warnings=())


def test_content_is_known_by_its_hash(store: DiskImageStore, root: Path, clock: Clock) -> None:
    store.put(replace(record(1), sha256="1" * 64), b"bytes")
    store.put(replace(record(2, expires_at=START + 60), sha256="2" * 64), b"others")
    store.put(replace(record(3), sha256="1" * 64), b"bytes")
    store.put(record(4), b"of an earlier version")
    other_process = DiskImageStore(root, clock)
    assert [other_process.has_content(digit * 64) for digit in "123"] == [True, True, False]
    clock.now = START + 61
    store.remove(record(1).file_id)
    assert [other_process.has_content(digit * 64) for digit in "12"] == [True, False]
    other_process.remove(record(3).file_id)
    assert not store.has_content("1" * 64)


def test_content_is_told_from_few_records(store: DiskImageStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 50):
        store.put(replace(record(number), sha256=f"{number:064x}"), b"bytes")
    read: list[str] = []
    get = DiskImageStore.get

    def counting(self: DiskImageStore, file_id: str) -> ImageRecord:
        read.append(file_id)
        return get(self, file_id)

    monkeypatch.setattr(DiskImageStore, "get", counting)
    assert store.has_content(f"{7:064x}")
    assert not store.has_content("f" * 64)
    assert read == [record(7).file_id]


def test_content_of_what_a_crash_left_or_damaged_is_not_there(
    store: DiskImageStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(Path, "rename", die)
        dying.setattr("adapters.disk_images.shutil.rmtree", die)  # Nothing is tidied up.
        with pytest.raises(SystemExit):
            store.put(replace(record(1), sha256="1" * 64), b"bytes")
    (noted,) = root.with_name("images-by-content").rglob("*.*")
    assert not store.has_content("1" * 64)
    assert not noted.exists()
    store.put(replace(record(2), sha256="2" * 64), b"bytes")
    (root / record(2).file_id / "record.json").write_text("{")
    assert not store.has_content("2" * 64)
    store.remove(record(2).file_id)
    assert not (root / record(2).file_id).exists()
    (root / record(3).file_id).mkdir()
    store.remove(record(3).file_id)
    assert not (root / record(3).file_id).exists()
