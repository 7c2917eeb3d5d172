"""Images enter the index and leave it when they expire."""

import pytest

from domain.errors import NotFound
from domain.index import IndexedPhoto
from services.progress import Progress
from services.search.index import EXPIRY_CHECKS_PER_ADD
from services.search.search import SearchOptions
from tests.unit.services.search.rig import Rig


def test_expired_photographs_leave_the_index(rig: Rig) -> None:
    old = [rig.add((255, at, 0)) for at in range(EXPIRY_CHECKS_PER_ADD + 4)]
    rig.now = 101.0
    young = rig.add((255, 0, 0))
    assert rig.index.counts()[0].images == 1 + len(old) - EXPIRY_CHECKS_PER_ADD
    found = rig.search.text("red", SearchOptions(group=False), Progress())
    assert [group.best.file_id for group in found] == [young]
    assert rig.index.counts()[0].images == 1


def test_a_photograph_that_is_deleted_meanwhile_leaves_no_entry(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = rig.vectors.put

    def delete_first(model: str, file_id: str, entry: IndexedPhoto) -> None:
        rig.images.remove(file_id)
        put(model, file_id, entry)

    monkeypatch.setattr(rig.vectors, "put", delete_first)
    with pytest.raises(NotFound):
        rig.add((255, 0, 0))
    assert rig.index.counts()[0].images == 0
