"""Figures of the quality benchmark over whole photographs, and the damage that robustness is tested with."""

import numpy as np
import pytest

from tools.benchmarks.damage import DAMAGES, scaled
from tools.benchmarks.quality import moderation, retrieval, zeroshot


def test_chance_of_finding_one_of_several() -> None:
    assert retrieval._chance(1, 250, 1) == pytest.approx(1 / 250)
    assert retrieval._chance(10, 250, 1) == pytest.approx(10 / 250)
    assert retrieval._chance(2, 4, 2) == pytest.approx(1 - 2 / 4 * 1 / 3)


def test_unknown_has_a_precision_and_a_recall() -> None:
    answers = [
        zeroshot.Answer(place=0, sure=True, known=True, unknown=False),
        zeroshot.Answer(place=0, sure=False, known=True, unknown=True),
        zeroshot.Answer(place=3, sure=True, known=False, unknown=True),
        zeroshot.Answer(place=9, sure=True, known=False, unknown=False),
    ]
    assert [row.value for row in zeroshot._rows(answers, 100)] == [0.5, 0.75, 0.25, 0.5, 0.5]


def test_a_category_is_judged_by_what_is_shown() -> None:
    fired, labels = [{"weapon"}, {"weapon"}, set(), set()], ["revolver", "cup", "cannon", "cup"]
    assert [row.value for row in moderation._rows("weapon", fired, labels)] == [0.5, 0.5]
    assert [row.value for row in moderation._rows("nudity", fired, labels)] == [0.0]


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_the_same_every_time(name: str) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    damage, amounts = DAMAGES[name]
    for amount in amounts:
        assert np.array_equal(damage(rgb, amount), damage(rgb, amount))
        assert damage(rgb, amount).shape == rgb.shape


def test_scaled_keeps_the_aspect() -> None:
    assert [scaled(np.zeros((h, w, 3), np.uint8), 256).shape for h, w in ((100, 200), (900, 300))] == [
        (128, 256, 3),
        (256, 85, 3),
    ]
