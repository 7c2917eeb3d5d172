"""Near duplicates are grouped, and the search scans further where they are many."""

from pathlib import Path

import numpy as np

from domain.index import IndexedPhoto, SearchHit
from services.progress import Progress
from services.search.search import SearchOptions, group_duplicates
from tests.conftest import png_bytes
from tests.unit.services.search.rig import Rig


def test_groups_are_made_around_the_best() -> None:
    def hit(degrees: float) -> SearchHit:
        angle = np.radians(degrees)
        vector = np.array([np.cos(angle), np.sin(angle)], np.float32)
        return SearchHit(str(degrees), None, vector, float(vector[0]))

    groups = group_duplicates([hit(degrees) for degrees in (0, 10, 20, 30, 40, 90)])
    shown = [(group.best.file_id, [other.file_id for other in group.duplicates]) for group in groups]
    assert shown == [("0", ["10"]), ("20", ["30"]), ("40", []), ("90", [])]
    assert group_duplicates([]) == []


def test_the_search_looks_behind_many_duplicates(rig: Rig) -> None:
    model = rig.labels.labeller.sha256
    red, black = np.eye(3, dtype=np.float32)[:1], png_bytes(np.zeros((16, 16, 3), np.uint8))
    first = rig.add((255, 0, 0))
    for _ in range(60):
        rig.vectors.put(model, rig.images.upload(black).file_id, IndexedPhoto(red))
    other = rig.add((60, 255, 0))
    found = rig.search.text("red", SearchOptions(limit=2), Progress())
    assert [len(group.duplicates) for group in found] == [60, 0]
    assert found[1].best.file_id == other
    assert first in {found[0].best.file_id, *(hit.file_id for hit in found[0].duplicates)}


def test_a_photograph_that_cannot_be_read_now_is_still_found(rig: Rig, tmp_path: Path) -> None:
    file_id = rig.add((255, 0, 0))
    (tmp_path / "images" / file_id / "record.json").write_text("{")
    found = rig.search.text("red", SearchOptions(), Progress())
    assert [group.best.file_id for group in found] == [file_id]
