"""Says in words where either side is ahead of the other."""

from collections.abc import Callable, Iterator

from services.compare.contender import Contender, Side
from services.compare.figures import chance, count, gap, listed, share
from services.compare.outcome import Comparison
from services.compare.wins import CERTAIN, Wins

Ahead = tuple[Side | None, str]
"""Who is ahead, None where neither is, and in what."""


def strengths(found: Comparison) -> Iterator[Ahead]:
    """All that was measured of both sides."""
    yield _accuracy(found)
    yield from _classes(found)
    yield from _few_examples(found)
    yield _examples_needed(found)
    yield from _costs(found)
    if found.unseen:
        yield "encoder", _unseen(found)


def _accuracy(found: Comparison) -> Ahead:
    best = sorted((found.best("cnn"), found.best("encoder")), key=lambda it: -it.accuracy)
    wins = Wins(found.data.names, *best)
    text = (
        f"Best against best: {best[0].name} is right on {share(best[0].accuracy)} of "
        f"{count(found.data.test, 'test photograph', 'test photographs')}, {best[1].name} on "
        f"{share(best[1].accuracy)}. {wins.only_first} are right with {best[0].name} alone, "
        f"{wins.only_second} with {best[1].name} alone ({chance(wins.chance)})."
    )
    return (best[0].side, text) if wins.chance < CERTAIN else (None, text + " Chance could explain it.")


def _classes(found: Comparison) -> Iterator[Ahead]:
    """Per class, the best network against names alone."""
    wins = Wins(found.data.names, found.best("cnn"), found.zero_shot)
    of = count(len(wins.names), "class", "classes")
    for mine, other, gaps in (
        (wins.first, wins.second, wins.of_first),
        (wins.second, wins.first, wins.of_second),
    ):
        if gaps:
            classes = listed([gap(it) for it in gaps])
            yield mine.side, f"{mine.name} is better than {other.name} in {len(gaps)} of {of}: {classes}."


def _few_examples(found: Comparison) -> Iterator[Ahead]:
    points = {(point.side, point.shots): point.accuracy for point in found.curve}
    for shots in sorted({shots for _, shots in points}):
        encoder, cnn = points["encoder", shots], points["cnn", shots]
        text = f"From {count(shots, 'photograph', 'photographs')} a class few-shot reaches {share(encoder)}, "
        side: Side | None = None if encoder == cnn else "encoder" if encoder > cnn else "cnn"
        yield side, text + f"the linear probe {share(cnn)}."


def _examples_needed(found: Comparison) -> Ahead:
    """How many examples the network needs to beat names alone."""
    mine, zero = [point for point in found.curve if point.side == "cnn"], found.zero_shot.accuracy
    enough = min((point.shots for point in mine if point.accuracy > zero), default=None)
    if enough is None:
        most = count(max(point.shots for point in mine), "photograph", "photographs")
        return (
            "encoder",
            f"Not even from {most} a class does the linear probe pass zero-shot ({share(zero)}).",
        )
    some = count(enough, "labelled photograph", "labelled photographs")
    return "cnn", f"From {some} a class on, the linear probe passes zero-shot ({share(zero)})."


def _costs(found: Comparison) -> Iterator[Ahead]:
    best, taught = (found.best("cnn"), found.best("encoder")), (found.best("cnn"), found.few_shot)
    yield _least(
        best,
        lambda it: 1e3 * it.per_image.cpu_s,
        "One answer takes {:.1f} ms of processor time with {}, {:.1f} ms with {}.",
    )
    yield _least(
        taught,
        lambda it: it.training.cpu_s,
        "Learning from all examples takes {:.1f} s of processor time with {}, {:.1f} s with {}.",
    )
    yield _least(
        best, lambda it: it.reliability.error, "The calibration error is {:.3f} with {}, {:.3f} with {}."
    )


def _least(pair: tuple[Contender, Contender], measure: Callable[[Contender], float], text: str) -> Ahead:
    low, high = sorted(pair, key=measure)
    return low.side, text.format(measure(low), low.name, measure(high), high.name)


def _unseen(found: Comparison) -> str:
    assert found.unseen
    left_out = count(len(found.unseen.names), "class", "classes")
    return (
        f"Of {left_out} left out of all training, zero-shot gets {share(found.unseen.rows[0].unseen)} right "
        f"among all {len(found.data.names)} names and {share(found.unseen.alone)} among their own; the "
        "network none."
    )
