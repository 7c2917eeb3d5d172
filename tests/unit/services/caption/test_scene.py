"""Objects of a scene are counted without duplicates."""

from services.caption.scene import labelled_objects
from tests.unit.services.caption.scenes import Patch, scene, sentences


def counts(*patches: Patch) -> dict[str, int]:
    return {one.name: len(one.objects) for one in labelled_objects(scene(*patches))}


def test_each_thing_is_counted_once() -> None:
    left, right = Patch("dog", (5, 30, 30, 40)), Patch("dog", (60, 30, 30, 40))
    assert counts(left, right) == {"dog": 2}
    assert {"a dog", "two dogs", "dogs"} == set(sentences(left, right))
    head, both = Patch("dog", (10, 32, 15, 15)), Patch("dog", (5, 30, 85, 40), confidence=0.6)
    assert counts(left, right, head) == {"dog": 2}
    assert counts(both, head) == {"dog": 1}
    far = Patch("dog", (45, 5, 10, 10))  # A ninth of the others' size.
    assert counts(left, right, far) == {"dog": 2}
