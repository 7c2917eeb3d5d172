"""Reports escape names, embed thumbnails, and can be read as CSV and JSON."""

import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from domain.labels import LabelPrediction, LabelScore
from domain.models import ModelInfo
from services.labels.confidence import LabelOptions
from services.vocabularies.parse import vocabulary_from_list
from tests.unit.tools.categorize.fakes import MemoryLog
from tools.categorize.reports import FORMULA_STARTS, REPORT_NAMES, spreadsheet_cell, write_reports
from tools.categorize.types import FileProblem, PhotoFile, SortedFile, SortPlan, SortResult, thumbnail_key

EVIL = '<script>alert("1")</script>&\'.jpg'
LABEL = "<b>cat</b>"


def photograph(path: str, label: str, confidence: float, target: str | None) -> SortedFile:
    names = (LabelScore(LABEL, 0.4), LabelScore("dog", 0.1))
    return SortedFile(
        PhotoFile(path, 1, 2), LabelPrediction(LabelScore(label, confidence), names, 0.5), target
    )


PLAN = SortPlan(
    Path("/in"), Path("/out"), Path("/out"), LabelOptions(vocabulary_from_list([LABEL, "dog"])), action="copy"
)
RESULT = SortResult(
    (LABEL, "dog", "unknown"),
    (
        photograph(f"a/{EVIL}", LABEL, 0.9, f"cat/{EVIL}"),
        photograph('b,"c"\n.jpg', "unknown", 0.5, 'unknown/b,"c"\n.jpg'),
        photograph("c 50%#?.jpg", LABEL, 0.95, "cat/c 50%#?.jpg"),
        photograph("raw\udcff.jpg", LABEL, 0.4, "cat/raw\udcff.jpg"),
    ),
    (FileProblem("<i>.jpg", "no <image>"),),
    {".txt": 2, "hidden": 1},
    0,
    ModelInfo("fake", "1" * 64),
)


class Page(HTMLParser):
    """Collects the tags of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, attribute: str) -> list[str]:
        return [str(attributes[attribute]) for name, attributes in self.tags if name == tag]


def reports() -> dict[str, str]:
    log = MemoryLog()
    for found in RESULT.sorted_files[:2]:
        log.put_thumbnail(thumbnail_key(found.file), b"\xff\xd8jpeg")
    write_reports(RESULT, PLAN, log)
    assert tuple(log.reports) == REPORT_NAMES
    return log.reports


def test_the_contact_sheet_escapes_names_and_needs_no_other_file() -> None:
    html = reports()["report.html"]
    page = Page(html)
    used = {tag for tag, _ in page.tags}
    assert not used & {"script", "b", "link", "iframe"}
    assert f"a/{EVIL}" in page.text
    assert LABEL in page.text
    assert "<i>.jpg" in page.text
    assert page.all("img", "src") == ["data:image/jpeg;base64,/9hqcGVn"] * 2
    assert "http" not in html


def test_the_contact_sheet_is_grouped_the_surest_first_and_links_to_the_files() -> None:
    page = Page(reports()["report.html"])
    assert "#c1" in page.all("a", "href")
    links = [link for link in page.all("a", "href") if not link.startswith("#")]
    assert links == [
        "cat/c%2050%25%23%3F.jpg",
        "cat/%3Cscript%3Ealert%28%221%22%29%3C/script%3E%26%27.jpg",
        "cat/raw%FF.jpg",
        "unknown/b%2C%22c%22%0A.jpg",
    ]
    for share in ("95%", "90%", "40%", "best label: <b>cat</b>, 40%"):
        assert share in page.text


def test_csv_and_json_say_the_same() -> None:
    found = reports()
    rows = list(csv.DictReader(io.StringIO(found["report.csv"], newline="")))
    facts = json.loads(found["report.json"])
    assert [row["path"] for row in rows] == [
        *(photo["path"] for photo in facts["photographs"]),
        *(problem["path"] for problem in facts["problems"]),
    ]
    assert rows[0]["category"] == facts["photographs"][0]["category"] == LABEL
    assert (rows[1]["category"], rows[1]["best"], rows[1]["confidence"]) == ("unknown", LABEL, "0.5000")
    assert rows[-1]["problem"] == "no <image>"
    assert facts["categories"] == {LABEL: 3, "dog": 0, "unknown": 1}


@pytest.mark.parametrize("start", FORMULA_STARTS)
@pytest.mark.parametrize("rest", ["HYPERLINK(1).jpg", "1+1", "cmd|' /C calc'!A0", "", ";x", "1e5x"])
def test_no_cell_is_run_by_a_spreadsheet(start: str, rest: str) -> None:
    evil = start + rest
    assert spreadsheet_cell(evil) == "'" + evil
    problem = FileProblem(evil, f"{evil} is broken")
    found = photograph(evil, evil, 0.5, evil)
    log = MemoryLog()
    write_reports(
        replace(RESULT, categories=(evil, "unknown"), sorted_files=(found,), problems=(problem,)), PLAN, log
    )
    (_, row, broken) = csv.reader(io.StringIO(log.reports["report.csv"], newline=""))
    assert [cell for cell in [*row, *broken] if cell.startswith(FORMULA_STARTS)] == []
    assert (row[0], row[1], row[5], broken[0]) == ("'" + evil,) * 4
    facts = json.loads(log.reports["report.json"])
    assert (facts["photographs"][0]["path"], facts["problems"][0]["path"]) == (evil, evil)


@pytest.mark.parametrize("text", ["-1", "-0.25", "+3.5", "-1e-05", "0.5", "cat", "a=b", "", "1-2", "'a"])
def test_numbers_and_other_texts_stay_as_they_are(text: str) -> None:
    assert spreadsheet_cell(text) == text


def test_reports_are_valid_unicode_whatever_the_files_are_called() -> None:
    for report in reports().values():
        assert "raw\\xff.jpg" in report.encode().decode() or "raw\\\\xff.jpg" in report
