"""Probabilities over labels plus a reject class, and the choice of a label."""

import numpy as np
import pytest

from domain.labels import Label, Vocabulary
from services.labels.confidence import LabelOptions, choose_label, softmax_with_reject

COLORS = Vocabulary.of("custom", [Label("red"), Label("green")])


def test_probabilities_sum_to_one_and_include_the_reject_class() -> None:
    probabilities = softmax_with_reject(
        np.array([[0.9, 0.1], [0.1, 0.1]], np.float32), np.array([0.7, 0.7], np.float32), 20.0
    )
    assert probabilities.shape == (2, 3)
    assert probabilities.sum(axis=1) == pytest.approx([1, 1])
    assert probabilities[0].argmax() == 0
    assert probabilities[1].argmax() == 2


@pytest.mark.parametrize(
    ("probabilities", "threshold", "label", "confidence"),
    [
        ([0.6, 0.1, 0.3], 0.0, "red", 0.6),
        ([0.3, 0.1, 0.6], 0.0, "unknown", 0.6),
        ([0.6, 0.1, 0.3], 0.7, "unknown", 0.3),
        ([0.2, 0.5, 0.3], 0.5, "green", 0.5),
    ],
)
def test_choice(probabilities: list[float], threshold: float, label: str, confidence: float) -> None:
    options = LabelOptions(COLORS, top_k=2, confidence_threshold=threshold)
    prediction = choose_label(np.array(probabilities, np.float32), options)
    assert prediction.chosen.label == label
    assert prediction.chosen.confidence == pytest.approx(confidence)
    assert {score.label for score in prediction.alternatives} == {"red", "green"}
