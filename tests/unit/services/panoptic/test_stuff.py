"""Labels that are stuff."""

import pytest

from domain.labels import Label, Vocabulary
from services.panoptic.stuff import is_stuff, stuff_mask


@pytest.mark.parametrize(
    "label",
    [
        Label("sky"),
        Label("Grass"),
        Label("the sky"),
        Label("a building"),
        Label("Himmel", readings=(("Himmel", "sky"),)),
    ],
)
def test_sky_and_grass_are_stuff_in_any_language(label: Label) -> None:
    assert is_stuff(label)


@pytest.mark.parametrize("name", ["person", "dog", "skyscraper", "grass snake", "a cloud of bees"])
def test_other_labels_are_things(name: str) -> None:
    assert not is_stuff(Label(name))


def test_the_mask_follows_the_vocabulary() -> None:
    labels = (Label("dog"), Label("road"), Label("cup"))
    assert stuff_mask(Vocabulary("custom", labels)).tolist() == [False, True, False]
