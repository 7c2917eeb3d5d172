"""How much of a page of text is read, how rightly and how quickly, beside rapidocr called bare.

    python -m benchmarks.text PACK.zip [--threads 2]

A pack is a zip of <key>.jpg and index.json; `lines` of an image are its quads and texts. Letters are
compared without case: annotations of receipts are in capitals throughout. Words are compared as a bag, once
with punctuation removed and once with punctuation parting words.
"""

import argparse
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rapidocr import RapidOCR
from tqdm import tqdm

from app import build_services
from benchmarks.table import machine, show
from config.settings import Settings
from domain.types import Rgb
from services.photo import Photo
from services.progress import Progress
from services.text import TextOptions
from training.packs import Pack

PUNCTUATION = re.compile(r"[^\w\s]|_")
SAME_LINE = 0.5
"""IoU of boxes from which on a line that was read is the annotated one."""


@dataclass(frozen=True)
class Line:
    """A line's text and box x0, y0, x1, y1."""

    text: str
    box: tuple[float, float, float, float]


Reader = Callable[[Rgb], list[Line]]


@dataclass(frozen=True)
class Scores:
    """Sums over pages.

    Attributes:
        seconds: Of each page.
        found: Words of the annotation that were read, with punctuation removed and with it parting words.
        words: Words of the annotation, likewise.
        read: Words that were read, likewise.
        edits: Between annotated lines and the lines matched to them.
        characters: Of those annotated lines.
        matched: Lines matched.
        lines: Lines annotated.
    """

    seconds: tuple[float, ...] = ()
    found: tuple[int, int] = (0, 0)
    words: tuple[int, int] = (0, 0)
    read: tuple[int, int] = (0, 0)
    edits: int = 0
    characters: int = 0
    matched: int = 0
    lines: int = 0


def box_of(quad: Any) -> tuple[float, float, float, float]:
    """The box round corners in any nesting."""
    corners = np.asarray(quad, np.float64).reshape(-1, 2)
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def iou(one: Line, other: Line) -> float:
    """Of the boxes of two lines."""
    a, b = one.box, other.box
    shared = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return shared / max(sum(areas) - shared, 1e-9)


def words(lines: Sequence[Line], instead: str) -> Counter[str]:
    """The bag of words, `instead` standing for punctuation."""
    return Counter(word for line in lines for word in PUNCTUATION.sub(instead, line.text.lower()).split())


def edits(one: str, other: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(other) + 1))
    for done, letter in enumerate(one, 1):
        above, row = row, [done]
        for position, wanted in enumerate(other):
            row.append(min(above[position + 1] + 1, row[-1] + 1, above[position] + (letter != wanted)))
    return row[-1]


def add_page(scores: Scores, annotated: list[Line], found: list[Line], seconds: float) -> Scores:
    """The sums with one page more."""
    bags = [(words(annotated, instead), words(found, instead)) for instead in ("", " ")]
    best = [max(found, key=lambda line: iou(line, wanted), default=wanted) for wanted in annotated]
    pairs = [
        (wanted.text.lower(), line.text.lower())
        for wanted, line in zip(annotated, best, strict=True)
        if found and iou(wanted, line) > SAME_LINE
    ]
    hits, all_words, read = zip(
        *(((want & got).total(), want.total(), got.total()) for want, got in bags), strict=True
    )
    return replace(
        scores,
        seconds=(*scores.seconds, seconds),
        found=tuple(map(sum, zip(scores.found, hits, strict=True))),
        words=tuple(map(sum, zip(scores.words, all_words, strict=True))),
        read=tuple(map(sum, zip(scores.read, read, strict=True))),
        edits=scores.edits + sum(edits(wanted, line) for wanted, line in pairs),
        characters=scores.characters + sum(len(wanted) for wanted, _ in pairs),
        matched=scores.matched + len(pairs),
        lines=scores.lines + len(annotated),
    )


def bare_reader(threads: int) -> Reader:
    """What rapidocr does with its own defaults."""
    engine = RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        }
    )

    def read(rgb: Rgb) -> list[Line]:
        result = engine(np.ascontiguousarray(rgb[..., ::-1]))
        if result.txts is None:
            return []
        return [Line(text, box_of(quad)) for text, quad in zip(result.txts, result.boxes, strict=True)]

    return read


def our_reader(threads: int) -> Reader:
    """The service's."""
    service = build_services(
        Settings(model_threads=threads, decode_workers=threads, result_cache_bytes=0)
    ).text

    def read(rgb: Rgb) -> list[Line]:
        result = service.read(Photo.of(rgb, "page"), TextOptions(), Progress())
        return [Line(line.text, box_of(line.quad)) for line in result.lines]

    return read


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    pack = Pack(arguments.pack)
    readers = {"service": our_reader(arguments.threads), "rapidocr bare": bare_reader(arguments.threads)}
    scores = dict.fromkeys(readers, Scores())
    for read in readers.values():
        read(pack.image(next(iter(pack.index))))
    for key in tqdm(list(pack.index), unit="page"):
        rgb = pack.image(key)
        annotated = [Line(line["text"], box_of(line["quad"])) for line in pack.index[key]["lines"]]
        for name, read in readers.items():
            start = time.perf_counter()
            found = read(rgb)
            scores[name] = add_page(scores[name], annotated, found, time.perf_counter() - start)
    print(machine())
    _report(arguments.pack.stem, arguments.threads, scores)


def _report(name: str, threads: int, scores: dict[str, Scores]) -> None:
    p50 = {reader: statistics.median(score.seconds) for reader, score in scores.items()}
    bare = p50["rapidocr bare"]
    first = next(iter(scores.values()))
    show(
        f"{name}: {len(first.seconds)} pages, {first.lines} lines, {threads} threads",
        ["what", *scores],
        [
            _row("word recall, punctuation removed", scores, lambda s: s.found[0] / s.words[0]),
            _row("word recall, punctuation parting words", scores, lambda s: s.found[1] / s.words[1]),
            _row("word precision, punctuation parting words", scores, lambda s: s.found[1] / s.read[1]),
            _row("character error rate of matched lines", scores, lambda s: s.edits / max(s.characters, 1)),
            _row("lines matched", scores, lambda s: s.matched / s.lines),
            ["p50, seconds a page", *(f"{seconds:.2f}" for seconds in p50.values())],
            ["p50, times rapidocr bare", *(f"{seconds / bare:.2f}" for seconds in p50.values())],
        ],
    )


def _row(what: str, scores: dict[str, Scores], value: Callable[[Scores], float]) -> list[str]:
    return [what, *(f"{value(score):.3f}" for score in scores.values())]


if __name__ == "__main__":
    main()
