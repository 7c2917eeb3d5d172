"""How captions are compared."""

import pytest

from tools.benchmarks.quality.captions import agreement, content, precision


def test_only_what_says_something_counts() -> None:
    assert content("A view of a dog on the grass, with a dog.") == {"dog": 2, "grass": 1}
    assert agreement("A photograph of a", ["A photograph of a"]) == 0.0
    assert precision("A view of the", ["dog"]) == 0.0


def test_agreement_is_with_the_nearest() -> None:
    captions = ["A black dog runs .", "Two dogs on grass ."]
    assert agreement("A dog on grass.", captions) == pytest.approx(0.4)
    assert agreement("Two dogs on grass.", captions) == 1.0


def test_precision_is_against_all() -> None:
    assert precision("A black cat on grass.", ["A black dog .", "On grass ."]) == pytest.approx(2 / 3)
