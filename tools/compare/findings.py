"""Phrases the findings of a comparison as sentences, by the side they are to the credit of."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tools.compare.measures import mcnemar_p_value
from tools.compare.method_comparison import SIGNIFICANCE_LEVEL, ClassGap, MethodComparison, top_confusions
from tools.compare.result import Comparison, MethodResult, Side

MAX_LISTED_NAMES = 8

MAX_CONFUSIONS = 5

CALIBRATION_TOLERANCE = 0.03
"""Largest gap between mean confidence and accuracy that is not reported."""

SIDES: Mapping[Side, str] = {"cnn": "the network", "encoder": "the image-text model"}

Strength = tuple[Side | None, str]
"""The side that is ahead, or None where neither is, and a sentence about the measurement."""

CHANCE_SENTENCE = " Chance alone could explain the difference."


@dataclass(frozen=True)
class Findings:
    """The sentences of a report.

    Attributes:
        strong: Strengths of each side.
        weak: Weaknesses of each side by itself.
        even: Measurements in which neither side is ahead.
    """

    strong: Mapping[Side, list[str]]
    weak: Mapping[Side, list[str]]
    even: list[str]


def collect_findings(comparison: Comparison) -> Findings:
    """Return all findings of a comparison."""
    strengths, weaknesses = list(find_strengths(comparison)), list(find_weaknesses(comparison))
    return Findings(
        {side: [text for of_side, text in strengths if of_side == side] for side in SIDES},
        {side: [text for of_side, text in weaknesses if of_side == side] for side in SIDES},
        [text for of_side, text in strengths if of_side is None],
    )


def format_percent(value: float) -> str:
    """Return a share as per cent."""
    return f"{100 * value:.1f} %"


def format_p_value(value: float) -> str:
    """Return a p-value with three decimals."""
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def format_count(number: int, one: str, many: str) -> str:
    """Return a number with its noun in the singular or plural."""
    return f"{number:,} {one if number == 1 else many}"


def join_names(names: Sequence[str]) -> str:
    """Return the first `MAX_LISTED_NAMES` names and the number of the others."""
    more = f" and {len(names) - MAX_LISTED_NAMES} more" if len(names) > MAX_LISTED_NAMES else ""
    return ", ".join(names[:MAX_LISTED_NAMES]) + more


def format_gap(gap: ClassGap) -> str:
    """Return a class with both accuracies, the higher one first."""
    low, high = sorted((gap.first, gap.second))
    return f"{gap.class_name} ({100 * high:.0f} % against {100 * low:.0f} %)"


def find_strengths(comparison: Comparison) -> Iterator[Strength]:
    """Yield a sentence about each measurement of both sides, with the side that is ahead."""
    yield _accuracy_strength(comparison)
    yield from _class_strengths(comparison)
    yield from _few_shot_strengths(comparison)
    yield _zero_shot_strength(comparison)
    yield from _cost_strengths(comparison)
    if comparison.unseen:
        side: Side | None = "encoder" if comparison.unseen.rows[0].unseen else None
        yield side, _unseen_sentence(comparison)


def _if_significant(side: Side, p_value: float, text: str) -> Strength:
    """Credit the side only where the difference is significant."""
    return (side, text) if p_value < SIGNIFICANCE_LEVEL else (None, text + CHANCE_SENTENCE)


def _accuracy_strength(comparison: Comparison) -> Strength:
    methods = sorted((comparison.best("cnn"), comparison.best("encoder")), key=lambda it: -it.accuracy)
    first, second = methods
    pair = MethodComparison(comparison.data.class_names, first, second)
    text = (
        f"Best against best: {first.name} is right on {format_percent(first.accuracy)} of "
        f"{format_count(comparison.data.test, 'test photograph', 'test photographs')}, {second.name} on "
        f"{format_percent(second.accuracy)}. {first.name} alone is right on {pair.only_first}, "
        f"{second.name} alone on {pair.only_second} ({format_p_value(pair.p_value)})."
    )
    return _if_significant(first.side, pair.p_value, text)


def _class_strengths(comparison: Comparison) -> Iterator[Strength]:
    """Compare the best method of the network with zero-shot, class by class."""
    pair = MethodComparison(comparison.data.class_names, comparison.best("cnn"), comparison.zero_shot)
    yield from _classes_ahead(pair.first_better, pair.first, pair.second)
    yield from _classes_ahead(pair.second_better, pair.second, pair.first)


def _classes_ahead(gaps: Sequence[ClassGap], ahead: MethodResult, other: MethodResult) -> Iterator[Strength]:
    """Yield a sentence for the classes with a significant lead and one for the other classes."""
    classes = format_count(ahead.probabilities.shape[1], "class", "classes")
    for significant in (True, False):
        chosen = [gap for gap in gaps if gap.significant == significant]
        if chosen:
            more = "more" if significant else "no more"
            yield (
                ahead.side if significant else None,
                f"{ahead.name} is ahead of {other.name} in {len(chosen)} of {classes}, each by {more} than "
                f"chance explains: {join_names([format_gap(gap) for gap in chosen])}.",
            )


def _few_shot_strengths(comparison: Comparison) -> Iterator[Strength]:
    points = {(point.side, point.shots): point for point in comparison.curve}
    for shots in sorted({shots for _, shots in points}):
        encoder, cnn = points["encoder", shots], points["cnn", shots]
        p_value = mcnemar_p_value(encoder.correct, cnn.correct)
        text = (
            f"With {format_count(shots, 'photograph', 'photographs')} per class, few-shot reaches "
            f"{format_percent(encoder.accuracy)} and the linear probe {format_percent(cnn.accuracy)} "
            f"({format_p_value(p_value)})."
        )
        yield _if_significant("encoder" if encoder.accuracy > cnn.accuracy else "cnn", p_value, text)


def _zero_shot_strength(comparison: Comparison) -> Strength:
    """Compare zero-shot with the probe: the least number of examples with which the probe is ahead."""
    points = [point for point in comparison.curve if point.side == "cnn"]
    zero_shot, last = comparison.zero_shot, max(points, key=lambda point: point.shots)
    p_values = {point.shots: mcnemar_p_value(point.correct, zero_shot.correct) for point in points}
    ahead = [
        point.shots
        for point in points
        if point.accuracy > zero_shot.accuracy and p_values[point.shots] < SIGNIFICANCE_LEVEL
    ]
    if ahead:
        examples = format_count(min(ahead), "labelled photograph", "labelled photographs")
        facts = f"{format_percent(zero_shot.accuracy)}; {format_p_value(p_values[min(ahead)])}"
        return "cnn", f"With {examples} per class, the linear probe passes zero-shot ({facts})."
    text = (
        f"With all {format_count(last.shots, 'photograph', 'photographs')} per class, the linear probe "
        f"reaches {format_percent(last.accuracy)} and zero-shot {format_percent(zero_shot.accuracy)} "
        f"({format_p_value(p_values[last.shots])})."
    )
    return _if_significant("encoder", p_values[last.shots], text)


def _cost_strengths(comparison: Comparison) -> Iterator[Strength]:
    best = comparison.best("cnn"), comparison.best("encoder")
    trained = comparison.best("cnn"), comparison.few_shot
    yield _lower_is_better(
        best,
        lambda method: f"{1e3 * method.cost_per_image.cpu_s:.1f}",
        "One prediction takes {} ms of processor time with {} and {} ms with {}.",
    )
    yield _lower_is_better(
        trained,
        lambda method: f"{method.training.cpu_s:.1f}",
        "Training on all examples takes {} s of processor time with {} and {} s with {}.",
    )
    yield _lower_is_better(
        best,
        lambda method: f"{method.reliability.error:.3f}",
        "The calibration error is {} with {} and {} with {}.",
    )


def _lower_is_better(
    pair: tuple[MethodResult, MethodResult], figure: Callable[[MethodResult], str], text: str
) -> Strength:
    """Credit the side with the lower figure, or neither where the printed figures are equal."""
    low, high = sorted(pair, key=lambda method: float(figure(method)))
    less, more = figure(low), figure(high)
    return None if less == more else low.side, text.format(less, low.name, more, high.name)


def _unseen_sentence(comparison: Comparison) -> str:
    assert comparison.unseen
    left_out = format_count(len(comparison.unseen.class_names), "class", "classes")
    return (
        f"On {left_out} left out of all training, zero-shot is right on "
        f"{format_percent(comparison.unseen.rows[0].unseen)} with all {len(comparison.data.class_names)} "
        f"classes as possible answers and on {format_percent(comparison.unseen.unseen_only)} with only those "
        "left out; the network is right on none."
    )


def find_weaknesses(comparison: Comparison) -> Iterator[tuple[Side, str]]:
    """Yield sentences about the best method of the network and about zero-shot."""
    yield "cnn", "It cannot predict a class without training images; a new class requires a new training."
    yield from (("cnn", text) for text in _examples_needed_sentences(comparison))
    yield from (("cnn", text) for text in _method_weaknesses(comparison.best("cnn"), comparison))
    yield "encoder", _template_sentence(comparison)
    yield from (("encoder", text) for text in _zero_shot_weaknesses(comparison))
    yield from (("encoder", text) for text in _method_weaknesses(comparison.zero_shot, comparison))


def _examples_needed_sentences(comparison: Comparison) -> Iterator[str]:
    points = sorted((it for it in comparison.curve if it.side == "cnn"), key=lambda point: point.shots)
    few, many = points[0], points[-1]
    if few.accuracy < many.accuracy and mcnemar_p_value(few.correct, many.correct) < SIGNIFICANCE_LEVEL:
        yield (
            f"It needs examples: the linear probe reaches {format_percent(few.accuracy)} with {few.shots} "
            f"per class and {format_percent(many.accuracy)} with {many.shots}."
        )


def _template_sentence(comparison: Comparison) -> str:
    templates = sorted(comparison.templates.templates, key=lambda it: it.accuracy)
    worst, best = templates[0], templates[-1]
    return (
        f"Its accuracy depends on the prompt template: {format_percent(worst.accuracy)} with "
        f'"{worst.template}", {format_percent(best.accuracy)} with "{best.template}"; the prediction of '
        f"{format_percent(comparison.templates.differing)} of the photographs is not the same with all "
        f"{len(templates)} templates."
    )


def _zero_shot_weaknesses(comparison: Comparison) -> Iterator[str]:
    yield (
        f"The service would label {format_percent(comparison.unknown_share)} of the test photographs "
        '"unknown", although one of the labels fits each.'
    )
    accuracies = zip(comparison.data.class_names, comparison.zero_shot.class_accuracy, strict=True)
    never = [name for name, accuracy in accuracies if accuracy == 0]
    if never:
        classes = format_count(len(never), "class", "classes")
        yield f"Zero-shot never finds {classes}: {join_names(never)}."


def _method_weaknesses(method: MethodResult, comparison: Comparison) -> Iterator[str]:
    confusions = top_confusions(method, comparison.data.class_names, MAX_CONFUSIONS)
    if confusions:
        pairs = ", ".join(
            f"{it.class_name} for {it.predicted} ({it.count} of {it.total})" for it in confusions
        )
        yield f"{method.name} most often takes {pairs}."
    gap = method.mean_confidence - method.accuracy
    if abs(gap) > CALIBRATION_TOLERANCE:
        yield (
            f"{method.name} is {'overconfident' if gap > 0 else 'underconfident'}: its mean confidence is "
            f"{format_percent(method.mean_confidence)} and its accuracy {format_percent(method.accuracy)}."
        )
