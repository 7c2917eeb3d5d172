"""How much of a page is read, how rightly and how quickly."""

from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row
from tools.benchmarks.text import BARE, SERVICE, measure, p50

THREADS = 2


def judge(part: Part) -> tuple[str, list[Row]]:
    """A title, and the service's figures, rapidocr called bare standing beside where it matters."""
    scores = measure(part.pack, part.keys, THREADS)
    ours, bare = scores[SERVICE], scores[BARE]
    title = f"text, {len(ours.seconds)} pages, {ours.lines} lines, {THREADS} threads"
    return title, [
        Row("word recall, punctuation removed", ours.recall(0), 0.93),
        Row("the same, rapidocr called bare", bare.recall(0)),
        Row("word recall, punctuation parting words", ours.recall(1), 0.93),
        Row("the same, rapidocr called bare", bare.recall(1)),
        Row("character error rate of matched lines", ours.error_rate, 0.06, at_most=True),
        Row("p50 of a page, times rapidocr called bare", p50(ours) / p50(bare), 1.15, at_most=True),
        Row("p50 of a page, seconds", p50(ours)),
    ]
