"""Who gets credit for what: nobody where chance could explain it."""

from dataclasses import replace

import numpy as np
import pytest

from domain.models import ModelInfo
from tools.compare.classifier import NetworkInfo
from tools.compare.cost import Cost
from tools.compare.findings import collect_findings
from tools.compare.result import (
    Comparison,
    CurvePoint,
    DataSummary,
    GeneralizedAccuracy,
    MethodResult,
    Side,
    TemplateAccuracies,
    TemplateAccuracy,
    UnseenResult,
)

EACH = 20
"""Photographs of either class."""
TARGETS = np.repeat([0, 1], EACH)


def contender(name: str, side: Side, cats: int, dogs: int, cost: Cost | None = None) -> MethodResult:
    """Right on the first `cats` cats and the first `dogs` dogs, and sure of all."""
    right = first(cats, dogs)
    answers = np.where(right, TARGETS, 1 - TARGETS)
    spent = cost or Cost()
    return MethodResult(name, side, np.eye(2, dtype=np.float32)[answers], TARGETS, 0, 0, spent, spent)


def first(cats: int, dogs: int) -> np.ndarray:
    return np.concatenate([np.arange(EACH) < cats, np.arange(EACH) < dogs])


def compared(
    zero: MethodResult, few: MethodResult, probe: MethodResult, unseen: float | None = None
) -> Comparison:
    points = CurvePoint("encoder", 4, few.right), CurvePoint("cnn", 4, probe.right)
    rows = GeneralizedAccuracy("zero-shot", 0.5, unseen or 0), GeneralizedAccuracy("linear probe", 0.5, 0)
    return Comparison(
        data=DataSummary("pets", ("cat", "dog"), 8, len(TARGETS), (EACH, EACH), 0, (), 0),
        network=NetworkInfo("fake", "random", 32, 7),
        labeller=ModelInfo("fake", "0" * 64),
        epochs=0,
        threads=1,
        contenders=(zero, few, probe),
        curve=points,
        prompts=TemplateAccuracies((TemplateAccuracy("{}", 0.5),), 0),
        unseen=None if unseen is None else UnseenResult(("cat",), rows, 0.5),
        unknown=0,
    )


def told(found: Comparison, beginning: str) -> dict[str, str]:
    """The sentences that begin so, by who gets credit."""
    findings = collect_findings(found)
    groups = [*findings.strong.items(), ("nobody", findings.even)]
    return {side: text for side, texts in groups for text in texts if text.startswith(beginning)}


ZERO = contender("zero-shot", "encoder", 10, 10)


@pytest.mark.parametrize(
    ("few", "probe", "side"), [(12, 11, "nobody"), (12, 12, "nobody"), (20, 10, "encoder"), (10, 20, "cnn")]
)
def test_few_examples(few: int, probe: int, side: str) -> None:
    found = compared(
        ZERO, contender("few-shot", "encoder", few, 10), contender("linear probe", "cnn", probe, 10)
    )
    (credited,) = told(found, "From 4 photographs a class few-shot reaches").items()
    assert credited[0] == side
    assert ("Chance could explain it" in credited[1]) == (side == "nobody")


def test_classes_are_tested_one_by_one() -> None:
    found = compared(ZERO, contender("few-shot", "encoder", 10, 10), contender("linear probe", "cnn", 16, 12))
    beginning = "linear probe is ahead of zero-shot in 1 of 2 classes"
    assert told(found, beginning) == {
        "cnn": f"{beginning}, each by more than chance explains: cat (80 % against 50 %).",
        "nobody": f"{beginning}, each by no more than chance explains: dog (60 % against 50 %).",
    }


@pytest.mark.parametrize(
    ("probe", "side", "beginning"),
    [
        (20, "cnn", "With 4 labelled photographs a class the linear probe passes zero-shot"),
        (11, "nobody", "With all 4 photographs a class the linear probe reaches"),
        (2, "encoder", "With all 4 photographs a class the linear probe reaches"),
    ],
)
def test_examples_needed(probe: int, side: str, beginning: str) -> None:
    found = compared(
        ZERO, contender("few-shot", "encoder", 10, 10), contender("linear probe", "cnn", probe, 10)
    )
    assert list(told(found, beginning)) == [side]


@pytest.mark.parametrize(
    ("encoder_s", "cnn_s", "side"), [(1.0, 1.0, "nobody"), (1.0, 2.0, "encoder"), (2.0, 1.0, "cnn")]
)
def test_equal_costs_are_to_nobodys_credit(encoder_s: float, cnn_s: float, side: str) -> None:
    encoder, cnn = Cost(cpu_s=encoder_s), Cost(cpu_s=cnn_s)
    found = compared(
        replace(ZERO, answering=encoder),
        contender("few-shot", "encoder", 15, 10, encoder),
        contender("linear probe", "cnn", 15, 10, cnn),
    )
    assert list(told(found, "One answer takes")) == [side]
    assert list(told(found, "Learning from all examples takes")) == [side]
    assert list(told(found, "The calibration error is")) == ["nobody"]


@pytest.mark.parametrize(("share", "side"), [(0.0, "nobody"), (0.2, "encoder")])
def test_no_credit_for_classes_left_out_of_which_none_is_found(share: float, side: str) -> None:
    alike = contender("few-shot", "encoder", 10, 10), contender("linear probe", "cnn", 10, 10)
    assert list(told(compared(ZERO, *alike, unseen=share), "Of 1 class left out")) == [side]


def test_needing_examples_is_tested_too() -> None:
    found = compared(ZERO, contender("few-shot", "encoder", 10, 10), contender("linear probe", "cnn", 12, 10))
    some = replace(found, curve=(*found.curve, CurvePoint("encoder", 1, first(9, 10))))
    little = replace(some, curve=(*some.curve, CurvePoint("cnn", 1, first(11, 10))))
    much = replace(some, curve=(*some.curve, CurvePoint("cnn", 1, first(2, 10))))
    assert not any("It needs examples" in text for text in collect_findings(little).weak["cnn"])
    assert any("It needs examples" in text for text in collect_findings(much).weak["cnn"])
