"""Measures precision and recall of the categories of the default policy."""

from collections.abc import Mapping, Sequence

import numpy as np

from bootstrap import build_services
from config.settings import Settings
from services.progress import Progress
from tools.benchmarks.quality.labelled import labelled, photographs
from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row

SHOWN: Mapping[str, frozenset[str]] = {
    "weapon": frozenset({"revolver", "cannon"}),
    "money": frozenset({"dollar bill"}),
}
"""Labels whose images belong to a category; no others do."""


def evaluate(part: Part) -> tuple[str, list[Row]]:
    """Return a title, and precision and recall of each category for whole images."""
    services = build_services(Settings())
    policy, chosen = services.policies.get(None), labelled(part)
    fired, labels = [], []
    for photo, label in photographs(part, chosen):
        found = services.moderation.moderate(photo, policy, False, Progress())
        fired.append({verdict.category.name for verdict in found.verdicts if verdict.fired})
        labels.append(label.replace("_", " "))
    rows = [row for category in policy.categories for row in _rows(category.name, fired, labels)]
    return f"moderation of {len(chosen)} whole images, default policy", rows


def _rows(category: str, fired: Sequence[set[str]], labels: Sequence[str]) -> list[Row]:
    detected = np.array([category in categories for categories in fired])
    true = np.array([label in SHOWN.get(category, frozenset()) for label in labels])
    if not true.any():
        return [Row(f"{category}: fired, none shown", float(detected.mean()))]
    precision = float(true[detected].mean()) if detected.any() else float("nan")
    return [
        Row(f"{category}: precision, {true.sum()} shown (chance {true.mean():.3f})", precision),
        Row(f"{category}: recall (chance {detected.mean():.3f})", float(detected[true].mean())),
    ]
