"""Articles, plurals, and nouns that have neither."""

import pytest

from services.caption.grammar import article, bare, counted, is_mass, joined, plural, sentence


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dog", "dogs"),
        ("person", "people"),
        ("sheep", "sheep"),
        ("bus", "buses"),
        ("bench", "benches"),
        ("box", "boxes"),
        ("knife", "knives"),
        ("city", "cities"),
        ("toy", "toys"),
        ("mouse", "mice"),
        ("fireman", "firemen"),
        ("human", "humans"),
        ("hot dog", "hot dogs"),
        ("traffic light", "traffic lights"),
        ("cup of coffee", "cups of coffee"),
        ("man in a suit", "men in a suit"),
        ("french fries", "french fries"),
        ("tall grass", "tall grass"),
    ],
)
def test_plurals(name: str, expected: str) -> None:
    assert plural(name) == expected


@pytest.mark.parametrize(
    ("name", "count", "expected"),
    [
        ("dog", 1, "a dog"),
        ("a dog", 1, "a dog"),
        ("orange", 1, "an orange"),
        ("hourglass", 1, "an hourglass"),
        ("unicycle", 1, "a unicycle"),
        ("umbrella", 1, "an umbrella"),
        ("dog", 2, "two dogs"),
        ("an apple", 5, "five apples"),
        ("person", 6, "several people"),
        ("grass", 1, "grass"),
        ("sky", 3, "sky"),
        ("french fries", 2, "french fries"),
        ("broccoli", 1, "broccoli"),
        ("the moon", 1, "the moon"),
        ("Eiffel Tower", 1, "an Eiffel Tower"),
        ("wine glass", 2, "two wine glasses"),
    ],
)
def test_counting(name: str, count: int, expected: str) -> None:
    assert counted(name, count) == expected


def test_small_words() -> None:
    assert (article("elephant"), article("one-way sign"), article("house")) == ("an", "a", "a")
    assert (bare("an owl"), bare("another owl")) == ("owl", "another owl")
    assert is_mass("water")
    assert not is_mass("glass of water")
    assert joined(["a dog"]) == "a dog"
    assert joined(["a dog", "a cat", "two cups"]) == "a dog, a cat and two cups"
    assert sentence("two dogs on grass") == "Two dogs on grass."
