"""The tables of options in docs/api.md."""

import pytest

from api.contract.document import PAGE, TABLES, api_page


def test_the_page_is_what_the_requests_say() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert api_page(text) == text, "run `make docs`"


def test_a_row_has_type_default_and_meaning() -> None:
    text = api_page(PAGE.read_text(encoding="utf-8"))
    assert "| `points_per_side` | integer, 1 to 64 | `16` | Number of points along each side of the" in text
    assert '| `deduplication` | `"mask"`, `"box"`, `"none"` | `"mask"` | Method that suppresses' in text
    assert "| `points` | list of 1 to 64 objects of `x`, `y`, `label` | - |" in text
    assert "| `box` | list of 4 numbers | - |" in text
    assert "| `min_area` | integer, at least 0 | - |" in text
    assert "| `file_id` | string | - | Id of the image" in text
    assert "| `async` | boolean | `false` |" in text
    assert text.count("| `colors` |") == 1


@pytest.mark.parametrize("path", TABLES)
def test_a_page_without_the_comments_is_refused(path: str) -> None:
    text = PAGE.read_text(encoding="utf-8").replace(f"<!-- end of options of {path} -->", "")
    with pytest.raises(ValueError, match=f"end of options of {path}"):
        api_page(text)
