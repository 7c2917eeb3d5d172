"""Images enter the index and leave it when they expire."""

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
