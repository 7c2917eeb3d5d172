"""Right-to-left lines in the order of speech."""

import pytest

from models.pp_ocr.recognizer import to_logical_order


@pytest.mark.parametrize(
    ("seen", "spoken"),
    [
        ("ملاس", "سالم"),
        ("ةعاسلا 10:30 -", " 10:30 -الساعة"),
        ("هـ 1445/9/1", " 1445/9/1ـه"),
        ("PDF فلم", "ملفPDF "),
        ("50% مصخ", "خصم50% "),
        ("123.45", "123.45"),
        ("", ""),
    ],
)
def test_letters_turn_round_and_numbers_do_not(seen: str, spoken: str) -> None:
    assert to_logical_order(seen) == spoken
    assert to_logical_order(to_logical_order(seen)) == seen
