"""Writes what came of a sorting: for spreadsheets, for programs, and to look at."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Final

from domain.labels import LabelScore
from tools.categorize.contact_sheet import contact_sheet
from tools.categorize.order import Order
from tools.categorize.outcome import Outcome, Sorted
from tools.categorize.types import SortingNotes

CSV: Final = "report.csv"
JSON: Final = "report.json"
HTML: Final = "report.html"
REPORTS: Final = (CSV, JSON, HTML)

COLUMNS = ("path", "category", "confidence", "best", "best_confidence", "target", "problem")


def write_reports(outcome: Outcome, order: Order, notes: SortingNotes) -> None:
    """Write all three.

    Raises:
        StorageUnavailable: The disk is full, or cannot be written.
    """
    notes.write(CSV, _rows(outcome))
    notes.write(JSON, [json.dumps(_facts(outcome, order), ensure_ascii=False, indent=1), "\n"])
    notes.write(HTML, contact_sheet(outcome, order, notes))


def _rows(outcome: Outcome) -> Iterator[str]:
    """A line each; `best` is the likeliest real name, also where the category is `unknown`."""
    yield _line(COLUMNS)
    for found in outcome.photographs:
        chosen, best = found.naming.chosen, found.naming.alternatives[0]
        shares = f"{chosen.confidence:.4f}", f"{best.confidence:.4f}"
        yield _line((found.file.path, chosen.label, shares[0], best.label, shares[1], found.target or "", ""))
    for problem in outcome.problems:
        yield _line((problem.path, "", "", "", "", "", problem.reason))


def _line(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _facts(outcome: Outcome, order: Order) -> dict[str, object]:
    return {
        "folder": str(order.folder),
        "out": str(order.out) if order.deed else None,
        "deed": order.deed or "dry-run",
        "confidence_threshold": order.naming.confidence_threshold,
        "labeller": {"name": outcome.labeller.name, "sha256": outcome.labeller.sha256},
        "categories": outcome.counts,
        "photographs": [_photograph(found) for found in outcome.photographs],
        "problems": [{"path": problem.path, "reason": problem.reason} for problem in outcome.problems],
        "ignored": outcome.ignored,
        "linked_folders": outcome.linked_folders,
    }


def _photograph(found: Sorted) -> dict[str, object]:
    return {
        "path": found.file.path,
        "category": found.naming.chosen.label,
        "confidence": round(found.naming.chosen.confidence, 4),
        "names": [_score(score) for score in found.naming.alternatives],
        "unknown": round(found.naming.unknown, 4),
        "target": found.target,
    }


def _score(score: LabelScore) -> dict[str, object]:
    return {"label": score.label, "confidence": round(score.confidence, 4)}
