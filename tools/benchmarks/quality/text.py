"""Measures how much of a page is read, how correctly and how fast."""

from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row
from tools.benchmarks.text import BARE, SERVICE, measure, p50

THREADS = 2
"""Number of threads of each reader."""


def evaluate(part: Part) -> tuple[str, list[Row]]:
    """Return a title, and the figures of the service, with some of rapidocr alone."""
    scores = measure(part.pack, part.keys, THREADS)
    ours, bare = scores[SERVICE], scores[BARE]
    title = f"text, {len(ours.seconds)} pages, {ours.lines} lines, {THREADS} threads"
    return title, [
        Row("word recall, punctuation removed", ours.recall(0), 0.93),
        Row("the same, rapidocr alone", bare.recall(0)),
        Row("word recall, punctuation separates words", ours.recall(1), 0.93),
        Row("the same, rapidocr alone", bare.recall(1)),
        Row("character error rate of matched lines", ours.error_rate, 0.06, at_most=True),
        Row("p50 of a page, times rapidocr alone", p50(ours) / p50(bare), 1.15, at_most=True),
        Row("p50 of a page, seconds", p50(ours)),
    ]
