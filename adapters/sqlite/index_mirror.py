"""What one process holds in memory of the search index: codes of one model, caught up before each search."""

import sqlite3
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from adapters.index_codes import Codes
from adapters.sqlite import index_tables
from domain.index import Scope

READ_AT_ONCE = 4096
"""Rows in memory at a time while catching up."""


@dataclass(frozen=True)
class Mirror:
    """The index up to some write, never changed.

    Attributes:
        file: Name of the file that was read.
        last: Highest id that was read.
        removal: Highest number of a removal that was read.
        codes: Vectors by scope; none before the first is read.
    """

    file: str = ""
    last: int = 0
    removal: int = 0
    codes: dict[Scope, Codes] | None = None

    def caught_up(self, connection: sqlite3.Connection, model: str) -> Self:
        """This with whatever any process wrote since; by one thread at a time."""
        name = index_tables.name_of(connection)
        known = self if name == self.file else type(self)(name)
        oldest, newest = connection.execute("SELECT MIN(number), MAX(number) FROM removals").fetchone()
        if known.last and oldest is not None and oldest > known.removal + 1:
            known = type(self)(name)
        return known._without_removed(connection, newest or 0)._with_new(connection, model)

    def _without_removed(self, connection: sqlite3.Connection, newest: int) -> Self:
        if newest == self.removal or self.codes is None:
            return replace(self, removal=newest)
        gone = connection.execute(
            "SELECT first, last FROM removals WHERE number > ?", (self.removal,)
        ).fetchall()
        codes = {scope: known.without(gone) for scope, known in self.codes.items()}
        return replace(self, removal=newest, codes=codes)

    def _with_new(self, connection: sqlite3.Connection, model: str) -> Self:
        rows = connection.execute(
            "SELECT e.id, e.region IS NULL, e.vector FROM entries e JOIN photographs p ON p.photo = e.photo "
            "WHERE e.id > ? AND p.model = ? ORDER BY e.id",
            (self.last, model),
        )
        codes, last = self.codes, self.last
        while part := rows.fetchmany(READ_AT_ONCE):
            vectors = index_tables.floats(b"".join(row[2] for row in part), len(part))
            ids, whole = np.array([row[:2] for row in part], np.int64).T
            known = codes or dict.fromkeys(("image", "region"), Codes.empty(vectors.shape[1]))
            mine: dict[Scope, np.ndarray] = {"image": whole == 1, "region": whole == 0}
            codes = {scope: known[scope].with_more(ids[at], vectors[at]) for scope, at in mine.items()}
            last = part[-1][0]
        return replace(self, last=last, codes=codes)
