"""How often whole photographs get their name among all of a pack, and `unknown` where it is left out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bootstrap import build_services
from config.settings import Settings
from domain.arrays import Floats
from domain.labels import Vocabulary
from services.vocabularies.parse import vocabulary_from_list
from tools.benchmarks.quality.labelled import labelled, photographs, row_of
from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row


@dataclass(frozen=True)
class Answer:
    """What was said of one photograph.

    Attributes:
        place: Of its name among all names, 0 the best.
        sure: Whether that all names are known is answered with a name.
        known: Whether its name is among the half that it was asked about then.
        unknown: Whether that was answered with `unknown`.
    """

    place: int
    sure: bool
    known: bool
    unknown: bool


def judge(part: Part) -> tuple[str, list[Row]]:
    """A title, top-1 and top-5, and precision and recall of `unknown` with half of the names left out."""
    services = build_services(Settings())
    chosen = labelled(part)
    names = sorted({label for _, label in chosen})
    whole, halves = (
        vocabulary_from_list(names),
        (vocabulary_from_list(names[::2]), vocabulary_from_list(names[1::2])),
    )
    answers = []
    for number, (photo, label) in enumerate(photographs(part, chosen)):
        half = halves[number % 2]
        answers.append(
            _answer(label, whole, row_of(services, photo, whole), half, row_of(services, photo, half))
        )
    return f"whole photographs, {len(chosen)} of {len(names)} names", _rows(answers, len(names))


def _answer(label: str, whole: Vocabulary, row: Floats, half: Vocabulary, asked: Floats) -> Answer:
    place = int((row[:-1] > row[whole.names.index(label)]).sum())
    return Answer(place, row[:-1].max() > row[-1], label in half.names, asked[:-1].max() <= asked[-1])


def _rows(answers: list[Answer], names: int) -> list[Row]:
    places = np.array([answer.place for answer in answers])
    sure = np.array([answer.sure for answer in answers])
    absent = np.array([not answer.known for answer in answers])
    unknown = np.array([answer.unknown for answer in answers])
    share = absent.mean()
    return [
        Row(f"top-1 (chance {1 / names:.3f})", float(np.mean(places < 1))),
        Row(f"top-5 (chance {5 / names:.3f})", float(np.mean(places < 5))),
        Row("top-1 as served: `unknown` is wrong", float(np.mean((places < 1) & sure))),
        Row(
            f"precision of `unknown`, half of the names left out (chance {share:.3f})", _mean(absent, unknown)
        ),
        Row(f"recall of `unknown` there (chance {unknown.mean():.3f})", _mean(unknown, absent)),
    ]


def _mean(what: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float(what[among].mean()) if among.any() else float("nan")
