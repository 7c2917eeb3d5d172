"""Measures how often whole images get their label, and `unknown` where it is left out of the vocabulary."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bootstrap import build_services
from config.settings import Settings
from domain.arrays import Floats
from domain.labels import Vocabulary
from services.vocabularies.parse import vocabulary_from_list
from tools.benchmarks.quality.labelled import labelled, photographs, probabilities_of
from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row


@dataclass(frozen=True)
class Answer:
    """The predictions for one image.

    Attributes:
        place: Rank of its label among all labels, 0 for the best.
        sure: True if a label beats the reject class when all labels are known.
        known: True if its label is in the half of the labels that is asked next.
        unknown: True if the reject class beats the labels of that half.
    """

    place: int
    sure: bool
    known: bool
    unknown: bool


def evaluate(part: Part) -> tuple[str, list[Row]]:
    """Return a title, top-1 and top-5, and the figures of `unknown` with half of the labels left out."""
    services, chosen = build_services(Settings()), labelled(part)
    labels = sorted({label for _, label in chosen})
    whole = vocabulary_from_list(labels)
    halves = vocabulary_from_list(labels[::2]), vocabulary_from_list(labels[1::2])
    answers = []
    for number, (photo, label) in enumerate(photographs(part, chosen)):
        half = halves[number % 2]
        found, found_in_half = (probabilities_of(services, photo, each) for each in (whole, half))
        answers.append(_answer(label, whole, found, half, found_in_half))
    return f"whole images, {len(chosen)} of {len(labels)} labels", _rows(answers, len(labels))


def _answer(label: str, whole: Vocabulary, found: Floats, half: Vocabulary, found_in_half: Floats) -> Answer:
    place = int((found[:-1] > found[whole.names.index(label)]).sum())
    sure, unknown = found[:-1].max() > found[-1], found_in_half[:-1].max() <= found_in_half[-1]
    return Answer(place, bool(sure), label in half.names, bool(unknown))


def _rows(answers: Sequence[Answer], labels: int) -> list[Row]:
    places = np.array([answer.place for answer in answers])
    sure = np.array([answer.sure for answer in answers])
    absent = np.array([not answer.known for answer in answers])
    unknown = np.array([answer.unknown for answer in answers])
    precision = f"precision of `unknown`, half of the labels left out (chance {absent.mean():.3f})"
    return [
        Row(f"top-1 (chance {1 / labels:.3f})", float(np.mean(places < 1))),
        Row(f"top-5 (chance {5 / labels:.3f})", float(np.mean(places < 5))),
        Row("top-1 as served: `unknown` is wrong", float(np.mean((places < 1) & sure))),
        Row(precision, _mean(absent, unknown)),
        Row(f"recall of `unknown` there (chance {unknown.mean():.3f})", _mean(unknown, absent)),
    ]


def _mean(values: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float(values[among].mean()) if among.any() else float("nan")
