"""Says in words where either side is ahead of the other.

Where right answers decide, a side is ahead only if McNemar's exact test on the same photographs settles it.
"""

from collections.abc import Callable, Iterator, Sequence

from tools.compare.contender import Contender, Side
from tools.compare.figures import chance, count, gap, listed, share
from tools.compare.measures import chance_of_difference
from tools.compare.outcome import Comparison
from tools.compare.wins import CERTAIN, Gap, Wins

Ahead = tuple[Side | None, str]
"""Who is ahead, None where neither is, and in what."""

BY_CHANCE = " Chance could explain it."


def strengths(found: Comparison) -> Iterator[Ahead]:
    """All that was measured of both sides."""
    yield _accuracy(found)
    yield from _classes(found)
    yield from _few_examples(found)
    yield _examples_needed(found)
    yield from _costs(found)
    if found.unseen:
        yield "encoder" if found.unseen.rows[0].unseen else None, _unseen(found)


def _accuracy(found: Comparison) -> Ahead:
    best = sorted((found.best("cnn"), found.best("encoder")), key=lambda it: -it.accuracy)
    wins = Wins(found.data.names, *best)
    text = (
        f"Best against best: {best[0].name} is right on {share(best[0].accuracy)} of "
        f"{count(found.data.test, 'test photograph', 'test photographs')}, {best[1].name} on "
        f"{share(best[1].accuracy)}. {wins.only_first} are right with {best[0].name} alone, "
        f"{wins.only_second} with {best[1].name} alone ({chance(wins.chance)})."
    )
    return _settled(best[0].side, wins.chance, text)


def _settled(side: Side, probability: float, text: str) -> Ahead:
    """A difference is to the credit of nobody where chance could explain it."""
    return (side, text) if probability < CERTAIN else (None, text + BY_CHANCE)


def _classes(found: Comparison) -> Iterator[Ahead]:
    """Per class, the best network against names alone."""
    wins = Wins(found.data.names, found.best("cnn"), found.zero_shot)
    yield from _ahead_in(wins.of_first, wins.first, wins.second)
    yield from _ahead_in(wins.of_second, wins.second, wins.first)


def _ahead_in(gaps: Sequence[Gap], mine: Contender, other: Contender) -> Iterator[Ahead]:
    """Classes where one is ahead: those where the photographs of the class settle it, and the others."""
    of = count(mine.probabilities.shape[1], "class", "classes")
    for sure in (True, False):
        some = [it for it in gaps if (it.chance < CERTAIN) == sure]
        if some:
            how = "more" if sure else "no more"
            yield (
                mine.side if sure else None,
                f"{mine.name} is ahead of {other.name} in {len(some)} of {of}, each by {how} than chance "
                f"explains: {listed([gap(it) for it in some])}.",
            )


def _few_examples(found: Comparison) -> Iterator[Ahead]:
    points = {(point.side, point.shots): point for point in found.curve}
    for shots in sorted({shots for _, shots in points}):
        encoder, cnn = points["encoder", shots], points["cnn", shots]
        probability = chance_of_difference(encoder.right, cnn.right)
        text = (
            f"From {count(shots, 'photograph', 'photographs')} a class few-shot reaches "
            f"{share(encoder.accuracy)}, the linear probe {share(cnn.accuracy)} ({chance(probability)})."
        )
        yield _settled("encoder" if encoder.accuracy > cnn.accuracy else "cnn", probability, text)


def _examples_needed(found: Comparison) -> Ahead:
    """How many examples the network needs to beat names alone."""
    mine = [point for point in found.curve if point.side == "cnn"]
    zero, most = found.zero_shot, max(mine, key=lambda point: point.shots)
    probabilities = {point.shots: chance_of_difference(point.right, zero.right) for point in mine}
    past = [it.shots for it in mine if it.accuracy > zero.accuracy and probabilities[it.shots] < CERTAIN]
    if past:
        some = count(min(past), "labelled photograph", "labelled photographs")
        told = f"{share(zero.accuracy)}; {chance(probabilities[min(past)])}"
        return "cnn", f"With {some} a class the linear probe passes zero-shot ({told})."
    text = (
        f"With all {count(most.shots, 'photograph', 'photographs')} a class the linear probe reaches "
        f"{share(most.accuracy)}, zero-shot {share(zero.accuracy)} ({chance(probabilities[most.shots])})."
    )
    return _settled("encoder", probabilities[most.shots], text)


def _costs(found: Comparison) -> Iterator[Ahead]:
    best, taught = (found.best("cnn"), found.best("encoder")), (found.best("cnn"), found.few_shot)
    yield _least(
        best,
        lambda it: f"{1e3 * it.per_image.cpu_s:.1f}",
        "One answer takes {} ms of processor time with {}, {} ms with {}.",
    )
    yield _least(
        taught,
        lambda it: f"{it.training.cpu_s:.1f}",
        "Learning from all examples takes {} s of processor time with {}, {} s with {}.",
    )
    yield _least(
        best, lambda it: f"{it.reliability.error:.3f}", "The calibration error is {} with {}, {} with {}."
    )


def _least(pair: tuple[Contender, Contender], figure: Callable[[Contender], str], text: str) -> Ahead:
    """Who has less of something; nobody where the figures, as they are told, are the same."""
    low, high = sorted(pair, key=lambda it: float(figure(it)))
    less, more = figure(low), figure(high)
    return None if less == more else low.side, text.format(less, low.name, more, high.name)


def _unseen(found: Comparison) -> str:
    assert found.unseen
    left_out = count(len(found.unseen.names), "class", "classes")
    return (
        f"Of {left_out} left out of all training, zero-shot gets {share(found.unseen.rows[0].unseen)} right "
        f"among all {len(found.data.names)} names and {share(found.unseen.alone)} among their own; the "
        "network none."
    )
