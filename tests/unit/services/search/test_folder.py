"""Files of folders in the index."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adapters.sqlite.indexed_files import SqliteIndexedFileStore
from bootstrap import Services
from config.settings import Settings
from domain.errors import UnsupportedMedia
from domain.image import ImageRecord
from domain.index import IndexedFile
from domain.labels import Label, Vocabulary
from services.labels.confidence import LabelOptions
from services.masks.options import DEFAULT_MAX_MASKS, MaskOptions, PointGrid
from services.progress import Progress
from services.search.folder import IndexStatus
from services.search.index import IndexOptions
from tests.conftest import fake_services

NAMING = LabelOptions(Vocabulary("colors", (Label("red"), Label("green"))))
WHOLE, REGIONS = (
    IndexOptions(None, NAMING),
    IndexOptions(MaskOptions(PointGrid(4), DEFAULT_MAX_MASKS), NAMING),
)


@pytest.fixture
def services(settings: Settings) -> Services:
    return fake_services(settings)


@pytest.fixture
def red(tmp_path: Path) -> Path:
    return painted(tmp_path / "red.png", (250, 0, 0))


def painted(path: Path, color: tuple[int, int, int]) -> Path:
    rgb = np.full((40, 60, 3), color, np.uint8)
    rgb[16:24, 26:34] = 0  # an image of one colour shows nothing
    Image.fromarray(rgb).save(path)
    return path


def add(services: Services, file: Path, options: IndexOptions = WHOLE) -> IndexStatus:
    return services.folders.add(file, options, services.search.labeller.sha256, Progress())


def images(services: Services) -> int:
    return services.index.counts()[0].images


def test_a_file_is_indexed_once_and_does_not_expire(services: Services, red: Path) -> None:
    assert [add(services, red), add(services, red)] == ["added", "known"]
    assert add(services, red.parent / ".." / red.parent.name / red.name) == "known"
    (path,) = services.folders.inside(red.parent)
    stored = services.folders.stored(red)
    assert stored is not None
    assert services.folders.names([stored.file_id, "other"]) == {stored.file_id: path}
    assert stored.width == 60


def test_regions_are_indexed_when_they_are_asked_for_later(services: Services, red: Path) -> None:
    assert [add(services, red, options) for options in (WHOLE, REGIONS, WHOLE, REGIONS)] == [
        "added",
        "updated",
        "known",
        "known",
    ]
    assert services.index.counts()[0].regions > 0


def test_a_changed_file_replaces_itself(services: Services, red: Path) -> None:
    add(services, red)
    before = services.folders.stored(red)
    os.utime(painted(red, (0, 250, 0)), ns=(1, 1))
    assert services.folders.stored(red) is None
    assert add(services, red) == "updated"
    after = services.folders.stored(red)
    assert before is not None
    assert after is not None
    assert before.file_id != after.file_id
    assert images(services) == 1


def test_what_was_left_half_done_is_done_to_the_end(
    services: Services, red: Path, settings: Settings
) -> None:
    add(services, red)
    stored = services.folders.stored(red)
    assert stored is not None
    services.index.remove(stored.file_id)  # as if the process had ended before it was indexed
    assert add(services, red) == "updated"
    services.images.remove(stored.file_id)  # or before it was stored
    services.index.remove(stored.file_id)
    assert services.folders.stored(red) is None
    assert add(fake_services(settings), red) == "updated"
    assert images(services) == 1


def test_regions_that_were_not_finished_are_not_taken_for_done(
    services: Services, red: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(services, red)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(services.index, "add", die)
        with pytest.raises(KeyboardInterrupt):
            add(services, red, REGIONS)
    assert add(services, red, REGIONS) == "updated"
    assert add(services, red, REGIONS) == "known"


def test_what_is_no_photograph_is_told_each_time(services: Services, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no image")
    for _ in range(2):
        with pytest.raises(UnsupportedMedia):
            add(services, broken)
    assert services.folders.stored(broken) is None


def test_what_is_removed_leaves_nothing(services: Services, red: Path, settings: Settings) -> None:
    add(services, red)
    path = str(red.resolve())
    assert [services.folders.remove(path), services.folders.remove(path)] == [True, False]
    assert images(services) == 0
    assert list((settings.data_dir / "images").iterdir()) == []
    assert add(services, red) == "added"


def test_of_runs_at_once_each_file_is_indexed_once(
    services: Services, red: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, both, get = fake_services(settings), threading.Barrier(2), SqliteIndexedFileStore.get

    def together(files: SqliteIndexedFileStore, path: str) -> IndexedFile | None:
        known = get(files, path)
        both.wait(60)
        return known

    with monkeypatch.context() as patched, ThreadPoolExecutor() as threads:
        patched.setattr(SqliteIndexedFileStore, "get", together)
        deeds = list(threads.map(lambda one: add(one, red), (services, other)))
    assert sorted(deeds) == ["added", "updated"]
    assert images(services) == stored(settings) == 1
    assert services.folders.remove(str(red.resolve()))
    assert images(services) == stored(settings) == 0


@pytest.mark.parametrize("changed", [True, False])
def test_what_another_run_drops_meanwhile_is_indexed_anew(
    services: Services, red: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    other, keep, path = fake_services(settings), services.images.keep, str(red.resolve())

    def late(data: bytes, file_id: str) -> ImageRecord:
        monkeypatch.setattr(services.images, "keep", keep)
        if changed:
            os.utime(red, ns=(1, 1))
            assert add(other, red) == "updated"
        else:
            assert other.folders.remove(path)
        return keep(data, file_id)

    monkeypatch.setattr(services.images, "keep", late)
    assert add(services, red) == ("known" if changed else "added")
    assert images(services) == stored(settings) == 1
    services.folders.remove(path)
    assert images(services) == stored(settings) == 0


def stored(settings: Settings) -> int:
    """Return the number of copies."""
    return len(list((settings.data_dir / "images").iterdir()))
