"""Gathers what a comparison shows, by side; every sentence is computed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tools.compare.measures import mcnemar_p_value
from tools.compare.result import Comparison, MethodResult, Side
from tools.compare.wins import SIGNIFICANCE_LEVEL, ClassGap, MethodComparison, top_confusions

MAX_LISTED_NAMES = 8


def format_percent(value: float) -> str:
    """A share as per cent."""
    return f"{100 * value:.1f} %"


def format_p_value(value: float) -> str:
    """A probability of chance."""
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def format_count(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


def join_names(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - MAX_LISTED_NAMES} more" if len(names) > MAX_LISTED_NAMES else ""
    return ", ".join(names[:MAX_LISTED_NAMES]) + more


def format_gap(it: ClassGap) -> str:
    """A class with what either contender gets right of it, the better first."""
    low, high = sorted((it.first, it.second))
    return f"{it.name} ({100 * high:.0f} % against {100 * low:.0f} %)"


Strength = tuple[Side | None, str]
"""Who is ahead, None where neither is, and in what."""

CHANCE_SENTENCE = " Chance could explain it."


def find_strengths(found: Comparison) -> Iterator[Strength]:
    """All that was measured of both sides."""
    yield _accuracy_strength(found)
    yield from _class_strengths(found)
    yield from _few_examples(found)
    yield _examples_needed(found)
    yield from _cost_strengths(found)
    if found.unseen:
        yield "encoder" if found.unseen.rows[0].unseen else None, _unseen_sentence(found)


def _accuracy_strength(found: Comparison) -> Strength:
    best = sorted((found.best("cnn"), found.best("encoder")), key=lambda it: -it.accuracy)
    wins = MethodComparison(found.data.names, *best)
    text = (
        f"Best against best: {best[0].name} is right on {format_percent(best[0].accuracy)} of "
        f"{format_count(found.data.test, 'test photograph', 'test photographs')}, {best[1].name} on "
        f"{format_percent(best[1].accuracy)}. {wins.only_first} are right with {best[0].name} alone, "
        f"{wins.only_second} with {best[1].name} alone ({format_p_value(wins.chance)})."
    )
    return _if_significant(best[0].side, wins.chance, text)


def _if_significant(side: Side, probability: float, text: str) -> Strength:
    """A difference is to the credit of nobody where chance could explain it."""
    return (side, text) if probability < SIGNIFICANCE_LEVEL else (None, text + CHANCE_SENTENCE)


def _class_strengths(found: Comparison) -> Iterator[Strength]:
    """Per class, the best network against names alone."""
    wins = MethodComparison(found.data.names, found.best("cnn"), found.zero_shot)
    yield from _classes_ahead(wins.of_first, wins.first, wins.second)
    yield from _classes_ahead(wins.of_second, wins.second, wins.first)


def _classes_ahead(gaps: Sequence[ClassGap], mine: MethodResult, other: MethodResult) -> Iterator[Strength]:
    """Classes where one is ahead: those where the photographs of the class settle it, and the others."""
    of = format_count(mine.probabilities.shape[1], "class", "classes")
    for sure in (True, False):
        some = [it for it in gaps if (it.chance < SIGNIFICANCE_LEVEL) == sure]
        if some:
            how = "more" if sure else "no more"
            yield (
                mine.side if sure else None,
                f"{mine.name} is ahead of {other.name} in {len(some)} of {of}, each by {how} than chance "
                f"explains: {join_names([format_gap(it) for it in some])}.",
            )


def _few_examples(found: Comparison) -> Iterator[Strength]:
    points = {(point.side, point.shots): point for point in found.curve}
    for shots in sorted({shots for _, shots in points}):
        encoder, cnn = points["encoder", shots], points["cnn", shots]
        probability = mcnemar_p_value(encoder.right, cnn.right)
        text = (
            f"From {format_count(shots, 'photograph', 'photographs')} a class few-shot reaches "
            f"{format_percent(encoder.accuracy)}, the linear probe {format_percent(cnn.accuracy)} "
            f"({format_p_value(probability)})."
        )
        yield _if_significant("encoder" if encoder.accuracy > cnn.accuracy else "cnn", probability, text)


def _examples_needed(found: Comparison) -> Strength:
    """How many examples the network needs to beat names alone."""
    mine = [point for point in found.curve if point.side == "cnn"]
    zero, most = found.zero_shot, max(mine, key=lambda point: point.shots)
    probabilities = {point.shots: mcnemar_p_value(point.right, zero.right) for point in mine}
    past = [
        it.shots
        for it in mine
        if it.accuracy > zero.accuracy and probabilities[it.shots] < SIGNIFICANCE_LEVEL
    ]
    if past:
        some = format_count(min(past), "labelled photograph", "labelled photographs")
        told = f"{format_percent(zero.accuracy)}; {format_p_value(probabilities[min(past)])}"
        return "cnn", f"With {some} a class the linear probe passes zero-shot ({told})."
    text = (
        f"With all {format_count(most.shots, 'photograph', 'photographs')} a class the linear probe reaches "
        f"{format_percent(most.accuracy)}, zero-shot {format_percent(zero.accuracy)} "
        f"({format_p_value(probabilities[most.shots])})."
    )
    return _if_significant("encoder", probabilities[most.shots], text)


def _cost_strengths(found: Comparison) -> Iterator[Strength]:
    best, taught = (found.best("cnn"), found.best("encoder")), (found.best("cnn"), found.few_shot)
    yield _lower_is_better(
        best,
        lambda it: f"{1e3 * it.per_image.cpu_s:.1f}",
        "One answer takes {} ms of processor time with {}, {} ms with {}.",
    )
    yield _lower_is_better(
        taught,
        lambda it: f"{it.training.cpu_s:.1f}",
        "Learning from all examples takes {} s of processor time with {}, {} s with {}.",
    )
    yield _lower_is_better(
        best, lambda it: f"{it.reliability.error:.3f}", "The calibration error is {} with {}, {} with {}."
    )


def _lower_is_better(
    pair: tuple[MethodResult, MethodResult], figure: Callable[[MethodResult], str], text: str
) -> Strength:
    """Who has less of something; nobody where the figures, as they are told, are the same."""
    low, high = sorted(pair, key=lambda it: float(figure(it)))
    less, more = figure(low), figure(high)
    return None if less == more else low.side, text.format(less, low.name, more, high.name)


def _unseen_sentence(found: Comparison) -> str:
    assert found.unseen
    left_out = format_count(len(found.unseen.names), "class", "classes")
    return (
        f"Of {left_out} left out of all training, zero-shot gets "
        f"{format_percent(found.unseen.rows[0].unseen)} right "
        f"among all {len(found.data.names)} names and {format_percent(found.unseen.alone)} among their "
        f"own; the "
        "network none."
    )


MAX_CONFUSIONS = 5

CALIBRATION_TOLERANCE = 0.03
"""A mean confidence this near to the accuracy is neither too sure nor too modest."""


def find_weaknesses(found: Comparison) -> Iterator[tuple[Side, str]]:
    """Of the network, and of the image-text model from names alone."""
    yield "cnn", "It has no answer for a class that it was not trained on; a new class means training again."
    yield from (("cnn", text) for text in _examples_needed_sentences(found))
    yield from (("cnn", text) for text in _shared_sentences(found.best("cnn"), found))
    yield "encoder", _prompt_sensitivity_sentence(found)
    yield from (("encoder", text) for text in _label_only_sentences(found))
    yield from (("encoder", text) for text in _shared_sentences(found.zero_shot, found))


def _examples_needed_sentences(found: Comparison) -> Iterator[str]:
    points = sorted((point for point in found.curve if point.side == "cnn"), key=lambda point: point.shots)
    few, many = points[0], points[-1]
    if few.accuracy < many.accuracy and mcnemar_p_value(few.right, many.right) < SIGNIFICANCE_LEVEL:
        yield (
            f"It needs examples: the linear probe reaches {format_percent(few.accuracy)} from {few.shots} "
            f"a class and "
            f"{format_percent(many.accuracy)} from {many.shots}."
        )


def _prompt_sensitivity_sentence(found: Comparison) -> str:
    phrasings = sorted(found.prompts.phrasings, key=lambda phrasing: phrasing.accuracy)
    worst, best = phrasings[0], phrasings[-1]
    return (
        f'The wording of names moves it from {format_percent(worst.accuracy)} ("{worst.text}") to '
        f'{format_percent(best.accuracy)} ("{best.text}"); {format_percent(found.prompts.differing)} of '
        f"the photographs get "
        f"another answer in one of {len(phrasings)} wordings."
    )


def _label_only_sentences(found: Comparison) -> Iterator[str]:
    """What comes of knowing a class by its name alone."""
    yield (
        f'The service would call {format_percent(found.unknown)} of the test photographs "unknown", '
        f"although one of "
        "the names fits each."
    )
    accuracies = zip(found.data.names, found.zero_shot.class_accuracy, strict=True)
    never = [name for name, accuracy in accuracies if accuracy == 0]
    if never:
        classes = format_count(len(never), "class", "classes")
        yield f"By name alone it never finds {classes}: {join_names(never)}."


def _shared_sentences(contender: MethodResult, found: Comparison) -> Iterator[str]:
    wrong = top_confusions(contender, found.data.names, MAX_CONFUSIONS)
    if wrong:
        told = ", ".join(f"{it.name} for {it.answer} ({it.count} of {it.of})" for it in wrong)
        yield f"{contender.name} most often takes {told}."
    gap = contender.confidence - contender.accuracy
    if abs(gap) > CALIBRATION_TOLERANCE:
        yield (
            f"{contender.name} is {'too sure' if gap > 0 else 'too modest'}: "
            f"{format_percent(contender.confidence)} "
            f"sure on average, {format_percent(contender.accuracy)} right."
        )


SIDES: Mapping[Side, str] = {"cnn": "the network", "encoder": "the image-text model"}


@dataclass(frozen=True)
class Findings:
    """Sentences.

    Attributes:
        strong: Where each side is ahead of the other.
        weak: What is weak about each side by itself.
        even: Where neither is ahead.
    """

    strong: Mapping[Side, list[str]]
    weak: Mapping[Side, list[str]]
    even: list[str]


def collect_findings(found: Comparison) -> Findings:
    """What a comparison shows."""
    ahead, weak = list(find_strengths(found)), list(find_weaknesses(found))
    return Findings(
        {side: [text for mine, text in ahead if mine == side] for side in SIDES},
        {side: [text for mine, text in weak if mine == side] for side in SIDES},
        [text for side, text in ahead if side is None],
    )
