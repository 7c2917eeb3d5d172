"""Text vectors on disk: found again, bounded, shared by processes, and never in the way."""

import logging
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from adapters.sqlite.text_vectors import SqliteTextVectorStore
from domain.arrays import Floats

MIB = 1024 * 1024
MODEL, TEMPLATE = "a" * 64, "a photo of a {}"


def vectors(names: list[str], size: int = 8) -> dict[str, Floats]:
    """A vector for each name that differs from the others."""
    rng = np.random.default_rng(len(names))
    return {name: rng.standard_normal(size).astype(np.float32) for name in names}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "text-vectors.sqlite"


def test_what_was_put_is_found_by_another_process_later(path: Path) -> None:
    kept = vectors(["dog", "猫", "", "x" * 300])
    SqliteTextVectorStore(path, MIB).put_many(MODEL, TEMPLATE, kept)
    found = SqliteTextVectorStore(path, MIB).get_many(MODEL, TEMPLATE, [*kept, "cow"])
    assert found.keys() == kept.keys()
    for text, vector in kept.items():
        np.testing.assert_array_equal(found[text], vector)
        assert found[text].dtype == np.float32


def test_model_and_template_are_part_of_the_key(path: Path) -> None:
    store = SqliteTextVectorStore(path, MIB)
    store.put_many(MODEL, TEMPLATE, vectors(["dog"]))
    assert store.get_many("b" * 64, TEMPLATE, ["dog"]) == {}
    assert store.get_many(MODEL, "{}", ["dog"]) == {}


def test_more_keys_than_one_query_takes(path: Path) -> None:
    store, names = SqliteTextVectorStore(path, 10 * MIB), [f"name {index}" for index in range(2_000)]
    store.put_many(MODEL, TEMPLATE, vectors(names))
    assert len(store.get_many(MODEL, TEMPLATE, names)) == 2_000


def test_the_oldest_used_go_when_it_is_full(path: Path) -> None:
    store = SqliteTextVectorStore(path, MIB)
    store.put_many(MODEL, TEMPLATE, vectors(["old but used", "old"], 512))
    for batch in range(20):
        store.get_many(MODEL, TEMPLATE, ["old but used"])
        store.put_many(MODEL, TEMPLATE, vectors([f"{batch} {index}" for index in range(50)], 512))
        assert path.stat().st_size < 1.5 * MIB
    assert store.get_many(MODEL, TEMPLATE, ["old but used", "old", "19 49"]).keys() == {
        "old but used",
        "19 49",
    }


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 8_000])
def test_a_damaged_file_is_moved_aside(path: Path, caplog: pytest.LogCaptureFixture, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    store = SqliteTextVectorStore(path, MIB)
    with caplog.at_level(logging.WARNING):
        assert store.get_many(MODEL, TEMPLATE, ["dog"]) == {}
    assert "damaged" in caplog.text
    assert path.with_name(path.name + ".damaged").read_bytes() == content
    store.put_many(MODEL, TEMPLATE, vectors(["dog"]))
    assert store.get_many(MODEL, TEMPLATE, ["dog"]).keys() == {"dog"}


def test_a_place_that_cannot_be_written_costs_no_request(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    store = SqliteTextVectorStore(tmp_path / "file" / "vectors.sqlite", MIB)
    with caplog.at_level(logging.WARNING):
        store.put_many(MODEL, TEMPLATE, vectors(["dog"]))
        assert store.get_many(MODEL, TEMPLATE, ["dog"]) == {}
    assert "cannot be used now" in caplog.text


def test_threads_share_it(path: Path) -> None:
    store = SqliteTextVectorStore(path, 10 * MIB)
    with ThreadPoolExecutor(8) as pool:
        names = [[f"{thread} {index}" for index in range(20)] for thread in range(8)]
        list(pool.map(lambda some: store.put_many(MODEL, TEMPLATE, vectors(some)), names))
    assert len(store.get_many(MODEL, TEMPLATE, [name for some in names for name in some])) == 160


def put_some(path: Path, process: int) -> None:
    store = SqliteTextVectorStore(path, 10 * MIB)
    for index in range(10):
        store.put_many(MODEL, TEMPLATE, vectors([f"{process} {index}"]))


def test_processes_share_it(path: Path) -> None:
    processes = [
        multiprocessing.get_context("spawn").Process(target=put_some, args=(path, number))
        for number in range(3)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    names = [f"{number} {index}" for number in range(3) for index in range(10)]
    assert len(SqliteTextVectorStore(path, MIB).get_many(MODEL, TEMPLATE, names)) == 30
