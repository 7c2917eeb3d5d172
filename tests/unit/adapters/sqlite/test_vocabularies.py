"""The store of taught vocabularies."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from adapters.sqlite.vocabularies import SqliteVocabularyStore
from domain.errors import StorageUnavailable, TooLarge
from domain.labels import KEPT_VERSIONS, Label, TaughtVocabulary

ROOMY = 1_000_000
CAT = Label("cat", ("a tabby",), ("Katze",), examples=("a", "b"))
FILES = {"a": b"file a", "b": b"file b"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "vocabularies.sqlite"


@pytest.fixture
def store(path: Path) -> SqliteVocabularyStore:
    return SqliteVocabularyStore(path, ROOMY, clock=lambda: 5.0)


def test_reading_makes_no_file(store: SqliteVocabularyStore, path: Path) -> None:
    assert store.get("a") is None
    assert (store.latest(), store.versions("a"), store.pictures(["a"])) == ([], [], {})
    assert not store.remove("a")
    assert not path.exists()


def test_what_was_kept_comes_back(store: SqliteVocabularyStore, path: Path) -> None:
    put = store.put("pets", [CAT, Label("dog")], FILES)
    assert (put.name, put.version, put.created, put.vocabulary.name) == ("pets", 1, 5.0, "pets@1")
    other = SqliteVocabularyStore(path, ROOMY)
    assert other.get("pets") == put
    assert other.get("pets", 1) == put
    assert other.get("pets", 2) is None
    assert other.latest() == [put]
    assert other.pictures(["b", "c", "a"]) == FILES


def test_versions_grow_and_the_oldest_go(store: SqliteVocabularyStore) -> None:
    for number in range(1, KEPT_VERSIONS + 4):
        assert store.put("pets", [Label(str(number))], {}).version == number
    assert store.versions("pets") == [*range(4, KEPT_VERSIONS + 4)]
    newest = store.get("pets")
    assert newest is not None
    assert newest.vocabulary.names == (str(KEPT_VERSIONS + 3),)
    assert store.remove("pets")
    assert store.put("pets", [CAT], FILES).version == KEPT_VERSIONS + 4


def test_examples_go_with_the_last_that_has_them(store: SqliteVocabularyStore) -> None:
    store.put("pets", [CAT], FILES)
    store.put("more", [Label("puss", examples=("b",))], {"b": b"file b"})
    store.put_vectors("m", {"a": np.ones(3, np.float32), "gone": np.ones(3, np.float32)})
    store.put_vectors("m", {"a": np.array([1, 2, 3], np.float32)})
    known = store.vectors("m", ["a", "b", "gone"])
    assert {digest: vector.tolist() for digest, vector in known.items()} == {"a": [1, 2, 3]}
    assert store.vectors("n", ["a"]) == {}
    assert store.remove("pets")
    assert store.pictures(["a", "b"]) == {"b": b"file b"}
    assert store.vectors("m", ["a"]) == {}
    assert not store.remove("pets")


def test_no_more_bytes_than_allowed(path: Path) -> None:
    store = SqliteVocabularyStore(path, 2_000)
    store.put("a", [Label("x", examples=("d",))], {"d": b"1" * 1_500})
    with pytest.raises(TooLarge, match="at most 2,000 bytes"):
        store.put("b", [Label("x", examples=("e",))], {"e": b"2" * 1_500})
    assert store.get("b") is None
    assert store.pictures(["e"]) == {}
    store.put("b", [Label("x", examples=("d",))], {"d": b"1" * 1_500})
    assert [taught.name for taught in store.latest()] == ["a", "b"]


def test_many_writers_get_a_version_each(path: Path) -> None:
    stores = [SqliteVocabularyStore(path, ROOMY) for _ in range(4)]
    found: list[TaughtVocabulary] = []

    def write(store: SqliteVocabularyStore) -> None:
        found.extend(store.put("pets", [Label("cat")], {}) for _ in range(10))

    threads = [threading.Thread(target=write, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taught.version for taught in found) == [*range(1, 41)]


WRITER = """
import sys
from pathlib import Path
from adapters.sqlite.vocabularies import SqliteVocabularyStore
from domain.labels import Label
store = SqliteVocabularyStore(Path(sys.argv[1]), 10**9)
while True:
    taught = store.put("pets", [Label("cat", examples=("a",))], {"a": b"file a"})
    print(taught.version, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9(path: Path) -> None:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root, text=True) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(25)]
        os.kill(process.pid, signal.SIGKILL)
        told += [int(line) for line in process.stdout.read().split("\n") if line]
    store = SqliteVocabularyStore(path, ROOMY)
    newest = store.get("pets")
    assert newest is not None
    assert newest.version >= told[-1]
    assert store.pictures(["a"]) == {"a": b"file a"}
    assert store.put("pets", [CAT], FILES).version == newest.version + 1


def test_a_damaged_file_is_begun_anew(store: SqliteVocabularyStore, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 1000)
    assert store.put("pets", [CAT], FILES).version == 1
    assert path.with_name(path.name + ".damaged").exists()


def test_a_file_that_cannot_be_used(store: SqliteVocabularyStore, path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StorageUnavailable, match="taught vocabularies"):
        store.put("pets", [CAT], FILES)
    with pytest.raises(StorageUnavailable):
        store.latest()


def test_the_file_is_plain_sqlite(store: SqliteVocabularyStore, path: Path) -> None:
    store.put("pets", [CAT], FILES)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT COUNT(*) FROM vocabularies").fetchone() == (1,)
    connection.close()


def test_labels_count_as_bytes_and_vectors_do_not(path: Path) -> None:
    store = SqliteVocabularyStore(path, 1_000)
    with pytest.raises(TooLarge, match="would make it 1,2"):
        store.put("a", [Label("猫" * 100, ("猫" * 300,))], {})
    store.put("a", [CAT], FILES)
    store.put_vectors("m", {"a": np.ones(1_000, np.float32)})
    store.put("b", [CAT], FILES)
