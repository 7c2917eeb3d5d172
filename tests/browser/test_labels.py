"""Labels in the box of the page are split, read and answered as they are everywhere else."""

from itertools import product

from playwright.sync_api import expect

from domain.errors import InvalidRequest
from services.vocabularies.split import COMMAS, LINE_ENDS, split_labels
from tests.browser.driver import Driver

ENDS = ("", " ", "\u3000", "\u00a0", "\ufeff")
PARTS = (
    "cat",
    '"a, b"',
    'say ""x""',
    '5" pipe',
    '"q""q"',
    "\u732b",
    "",
    "e\u0301 \u00e9",
    "\U0001f468\u200d\U0001f469",
)
WHOLE = (
    '["cat", "a, b"]',
    ' \ufeff["x"] ',
    "[]",
    '["cat", 1]',
    "['cat']",
    "[cat",
    "[1",
    '{"a": 1}',
    '"open',
    '"closed" more',
    '""',
    "a,,b,",
    "",
)
TEXTS = [
    *WHOLE,
    *(f"{start}{part}{end}" for part, start, end in product(PARTS, ENDS, ENDS)),
    *(
        f"{one}{separator}{other}"
        for separator in (*COMMAS, *LINE_ENDS, "\r\n", ";", "\t")
        for one, other in product(PARTS, PARTS)
    ),
]
"""Texts of every kind, from each of which the page and the service must get the same labels."""

SPLIT = """async (texts) => {
  const { splitLabels } = await import("/page/js/labels.js");
  return texts.map((text) => { try { return splitLabels(text); } catch { return null; } });
}"""

JOINED = """async (labels) => {
  const { joinLabels, splitLabels } = await import("/page/js/labels.js");
  return splitLabels(joinLabels(labels));
}"""


def split(text: str) -> list[str] | None:
    try:
        return split_labels(text)
    except InvalidRequest:
        return None


def test_the_page_splits_labels_as_the_service_does(page: Driver) -> None:
    found = page.page.evaluate(SPLIT, TEXTS)
    assert len(found) == len(TEXTS) > 2_000
    for text, labels in zip(TEXTS, found, strict=True):
        assert labels == split(text), ascii(text)


def test_labels_that_are_joined_are_split_into_the_same(page: Driver) -> None:
    labels = [
        "cat",
        "a, b",
        "[x]",
        '"q"',
        '5" pipe',
        "\u732b\u3001\u72ac",
        *(f"x{comma}y" for comma in COMMAS),
    ]
    assert page.page.evaluate(JOINED, labels) == labels


def test_what_became_of_labels_is_told(page: Driver) -> None:
    page.described("cat.jpg")
    page.classify("Cat\uff0cCAT\u3001 teapot")
    expect(page.page.locator("#names-count")).to_have_text("3 labels")
    expect(page.page.locator("#names-notes")).to_have_text("CAT counts as Cat.")
    expect(page.page.locator("#scene")).to_contain_text("Cat")
    assert {region["name"] for region in page.masks()} <= {"Cat", "teapot", "unknown"}


def test_words_of_another_language_are_read_in_english(page: Driver) -> None:
    page.described("cat.jpg")
    page.page.fill("#names", "Katze, Nasenhorn")
    page.page.select_option("#labels-lang", "de")
    page.page.click("#classify")
    expect(page.page.locator("#scene")).to_contain_text("Katze (read as cat)")
    expect(page.page.locator("#names-notes")).to_contain_text("Nasenhorn, so it is read as it is")
    assert page.state("state.naming") == {"labels": ["Katze", "Nasenhorn"], "labels_lang": "de"}
    page.page.select_option("#vocabulary-name", "default")
    expect(page.page.locator("#labels-lang")).to_be_hidden()


def test_a_list_that_cannot_be_split_is_refused(page: Driver) -> None:
    page.described("cat.jpg")
    refused = {"['cat']": "JSON array", '"cat': "closing quote", "": "at least one label"}
    for text, message in refused.items():
        page.page.fill("#names", text)
        page.page.click("#classify")
        expect(page.page.locator("#problem")).to_contain_text(message)
    assert page.state("state.naming") == {}
