"""The search index in its SQLite file: durable, shared, caught up, exact."""

import multiprocessing
import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest

from adapters.index_codes import QuantizedVectors, quantize_int8
from adapters.sqlite import index_tables
from adapters.sqlite.index import SqliteVectorIndex
from domain.arrays import Floats
from domain.errors import StorageUnavailable
from domain.index import IndexCounts, IndexedPhoto, IndexedRegion

MODEL, OTHER, SIDE = "a" * 64, "b" * 64, 32
PATIENCE_S = 60


def units(count: int, seed: int = 0) -> Floats:
    vectors = np.random.default_rng(seed).standard_normal((count, SIDE), np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def photo(vectors: Floats) -> IndexedPhoto:
    regions = (IndexedRegion(at, (at, 2, 3, 4), f"name {at}", 0.5) for at in range(len(vectors) - 1))
    return IndexedPhoto(vectors, tuple(regions))


def opened(folder: Path) -> SqliteVectorIndex:
    return SqliteVectorIndex(folder / "index.sqlite")


def found(index: SqliteVectorIndex, vector: Floats, scope: str = "image", count: int = 3) -> list[str]:
    return [hit.file_id for hit in index.nearest(MODEL, scope, vector, count)]  # type: ignore[arg-type]


def test_an_empty_index(tmp_path: Path) -> None:
    index = opened(tmp_path)
    assert found(index, units(1)[0]) == []
    assert index.find(MODEL, "x") is None
    assert index.remove("x") is False
    assert index.oldest(3) == []
    assert index.counts(MODEL) == IndexCounts(0, 0, 0)


def test_what_was_put_is_found_whole_and_by_region(tmp_path: Path) -> None:
    index, vectors = opened(tmp_path), units(6)
    index.put(MODEL, "one", photo(vectors[:4]))
    index.put(MODEL, "two", photo(vectors[4:]))
    assert found(index, vectors[4]) == ["two", "one"]
    (best, *rest) = index.nearest(MODEL, "region", vectors[2], 10)
    assert len(rest) == 3
    assert (best.file_id, best.score) == ("one", pytest.approx(1, abs=1e-3))
    assert best.region == IndexedRegion(1, (1, 2, 3, 4), "name 1", 0.5)
    kept = index.find(MODEL, "one")
    assert kept is not None
    assert kept.regions == photo(vectors[:4]).regions
    np.testing.assert_allclose(kept.vectors, vectors[:4], atol=1e-3)
    assert index.counts(MODEL) == IndexCounts(2, 4, 0)


def test_a_photograph_put_again_replaces_itself(tmp_path: Path) -> None:
    index, vectors = opened(tmp_path), units(5)
    index.put(MODEL, "one", photo(vectors[:3]))
    found(index, vectors[0])
    index.put(MODEL, "one", photo(vectors[3:]))
    assert [hit.score for hit in index.nearest(MODEL, "image", vectors[3], 5)] == [pytest.approx(1, abs=1e-3)]
    assert index.counts(MODEL) == IndexCounts(1, 1, 0)


def test_models_are_not_mixed(tmp_path: Path) -> None:
    index, vectors = opened(tmp_path), units(3)
    index.put(OTHER, "one", photo(vectors[:1]))
    index.put(MODEL, "two", photo(vectors[1:]))
    assert found(index, vectors[0]) == ["two"]
    assert [hit.file_id for hit in index.nearest(OTHER, "image", vectors[1], 3)] == ["one"]
    assert index.counts(MODEL) == IndexCounts(1, 1, 1)
    assert index.find(MODEL, "one") is None
    index.put(MODEL, "one", photo(vectors[:1]))
    assert sorted(index.oldest(9)) == ["one", "one", "two"]
    assert index.remove("one")
    assert index.counts(OTHER) == IndexCounts(0, 0, 1)


def test_what_is_nearest_is_exact(tmp_path: Path) -> None:
    index, vectors = opened(tmp_path), units(3000)
    for start in range(0, len(vectors), 100):
        index.put(MODEL, str(start), photo(vectors[start : start + 100]))
    regions = np.delete(vectors, np.s_[::100], axis=0)
    for query in units(20, seed=1):
        best = np.sort(regions @ query)[::-1][:10]
        scores = [hit.score for hit in index.nearest(MODEL, "region", query, 10)]
        np.testing.assert_allclose(scores, best, atol=2e-3)


def test_every_opening_sees_what_the_others_write(tmp_path: Path) -> None:
    one, two, vectors = opened(tmp_path), opened(tmp_path), units(40)
    for turn in range(10):
        one.put(MODEL, f"one {turn}", photo(vectors[2 * turn : 2 * turn + 2]))
        assert found(two, vectors[2 * turn])[0] == f"one {turn}"
        two.put(MODEL, f"two {turn}", photo(vectors[20 + 2 * turn : 22 + 2 * turn]))
        assert found(one, vectors[20 + 2 * turn])[0] == f"two {turn}"
        assert two.remove(f"one {turn}")
        assert found(one, vectors[2 * turn], count=100) == found(two, vectors[2 * turn], count=100)
        assert f"one {turn}" not in found(one, vectors[2 * turn], count=100)


def test_whoever_missed_too_many_removals_reads_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_tables, "MAX_KEPT_REMOVALS", 2)
    one, two, vectors = opened(tmp_path), opened(tmp_path), units(8)
    for at, vector in enumerate(vectors):
        one.put(MODEL, str(at), photo(vector[None]))
    assert len(found(two, vectors[0], count=10)) == 8
    for at in range(5):
        one.remove(str(at))
    assert sorted(found(two, vectors[0], count=10)) == ["5", "6", "7"]


def test_a_restart_finds_everything(tmp_path: Path) -> None:
    vectors = units(4)
    opened(tmp_path).put(MODEL, "one", photo(vectors))
    assert found(opened(tmp_path), vectors[0]) == ["one"]


def test_a_damaged_file_is_begun_anew_by_all(tmp_path: Path) -> None:
    one, two, vectors = opened(tmp_path), opened(tmp_path), units(4)
    one.put(MODEL, "old", photo(vectors[:1]))
    assert found(two, vectors[0]) == ["old"]
    for path in tmp_path.glob("index.sqlite*"):
        path.unlink()
    (tmp_path / "index.sqlite").write_bytes(b"no database " * 1000)
    one.put(MODEL, "new", photo(vectors[1:2]))
    assert found(two, vectors[0]) == ["new"]
    assert (tmp_path / "index.sqlite.damaged").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageUnavailable, match="the search index cannot be used now"):
        opened(tmp_path / "file").put(MODEL, "one", photo(units(1)))


def test_threads_put_and_search_at_once(tmp_path: Path) -> None:
    index, vectors = opened(tmp_path), units(200)
    errors: list[BaseException] = []

    def write(start: int) -> None:
        for at in range(start, start + 40):
            index.put(MODEL, str(at), photo(vectors[at : at + 1]))
            if found(index, vectors[at])[0] != str(at):
                errors.append(AssertionError(at))
            if at % 5 == 0:
                index.remove(str(at))

    threads = [threading.Thread(target=write, args=(start,)) for start in range(0, 200, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    kept = {str(at) for at in range(200) if at % 5}
    assert {*found(index, vectors[0], count=300)} == kept


def put_for_ever(folder: Path, told: "multiprocessing.SimpleQueue[int]") -> None:
    """Put photograph after photograph, telling of each that is acknowledged."""
    index, at = opened(folder), 0
    while True:
        index.put(MODEL, str(at), photo(units(30, seed=at)))
        told.put(at)
        at += 1


def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    for _ in range(3):
        told: multiprocessing.SimpleQueue[int] = context.SimpleQueue()
        writer = context.Process(target=put_for_ever, args=(tmp_path, told), daemon=True)
        writer.start()
        while (last := told.get()) < 5:
            pass
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join(PATIENCE_S)
        index = opened(tmp_path)
        for at in range(last + 1):
            kept = index.find(MODEL, str(at))
            assert kept is not None
            assert len(kept.regions) == 29
            np.testing.assert_allclose(kept.vectors, units(30, seed=at), atol=1e-3)
        assert found(index, units(30, seed=last)[0])[0] == str(last)
        counts = index.counts(MODEL)
        assert counts.regions == 29 * counts.images


def test_codes_that_were_handed_out_do_not_change() -> None:
    vectors = units(50)
    first = QuantizedVectors.empty(SIDE).with_appended(np.arange(10), vectors[:10])
    before = first.rows[: first.len].copy()
    grown = first.with_appended(np.arange(10, 15), vectors[10:15]).with_appended(
        np.arange(15, 50), vectors[15:]
    )
    smaller = grown.without([(3, 5), (40, 40)])
    np.testing.assert_array_equal(first.rows[: first.len], before)
    assert (first.len, grown.len, smaller.len) == (10, 50, 46)
    assert smaller.ids.tolist() == [at for at in range(50) if at not in (3, 4, 5, 40)]
    assert smaller.without([(100, 200)]) is smaller
    assert smaller.nearest(vectors[41], 1).tolist() == [41]
    assert smaller.nbytes == 46 * (SIDE + 8 + 4)


def test_a_vector_of_nothing_has_codes_too() -> None:
    assert not quantize_int8(np.zeros((1, SIDE), np.float32)).any()
