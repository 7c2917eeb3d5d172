"""Says in words what is weak about either side by itself."""

from collections.abc import Iterator

from tools.compare.contender import Contender, Side
from tools.compare.figures import count, listed, share
from tools.compare.measures import chance_of_difference
from tools.compare.outcome import Comparison
from tools.compare.wins import CERTAIN, mistakes

MISTAKES_TOLD = 5
CALIBRATED = 0.03
"""A mean confidence this near to the accuracy is neither too sure nor too modest."""


def weaknesses(found: Comparison) -> Iterator[tuple[Side, str]]:
    """Of the network, and of the image-text model from names alone."""
    yield "cnn", "It has no answer for a class that it was not trained on; a new class means training again."
    yield from (("cnn", text) for text in _hunger(found))
    yield from (("cnn", text) for text in _common(found.best("cnn"), found))
    yield "encoder", _wording(found)
    yield from (("encoder", text) for text in _names(found))
    yield from (("encoder", text) for text in _common(found.zero_shot, found))


def _hunger(found: Comparison) -> Iterator[str]:
    points = sorted((point for point in found.curve if point.side == "cnn"), key=lambda point: point.shots)
    few, many = points[0], points[-1]
    if few.accuracy < many.accuracy and chance_of_difference(few.right, many.right) < CERTAIN:
        yield (
            f"It needs examples: the linear probe reaches {share(few.accuracy)} from {few.shots} a class and "
            f"{share(many.accuracy)} from {many.shots}."
        )


def _wording(found: Comparison) -> str:
    phrasings = sorted(found.prompts.phrasings, key=lambda phrasing: phrasing.accuracy)
    worst, best = phrasings[0], phrasings[-1]
    return (
        f'The wording of names moves it from {share(worst.accuracy)} ("{worst.text}") to '
        f'{share(best.accuracy)} ("{best.text}"); {share(found.prompts.differing)} of the photographs get '
        f"another answer in one of {len(phrasings)} wordings."
    )


def _names(found: Comparison) -> Iterator[str]:
    """What comes of knowing a class by its name alone."""
    yield (
        f'The service would call {share(found.unknown)} of the test photographs "unknown", although one of '
        "the names fits each."
    )
    accuracies = zip(found.data.names, found.zero_shot.class_accuracy, strict=True)
    never = [name for name, accuracy in accuracies if accuracy == 0]
    if never:
        yield f"By name alone it never finds {count(len(never), 'class', 'classes')}: {listed(never)}."


def _common(contender: Contender, found: Comparison) -> Iterator[str]:
    wrong = mistakes(contender, found.data.names, MISTAKES_TOLD)
    if wrong:
        told = ", ".join(f"{it.name} for {it.answer} ({it.count} of {it.of})" for it in wrong)
        yield f"{contender.name} most often takes {told}."
    gap = contender.confidence - contender.accuracy
    if abs(gap) > CALIBRATED:
        yield (
            f"{contender.name} is {'too sure' if gap > 0 else 'too modest'}: {share(contender.confidence)} "
            f"sure on average, {share(contender.accuracy)} right."
        )
