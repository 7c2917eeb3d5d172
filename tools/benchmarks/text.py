"""Measures how much of a page of text is read, how correctly and how fast, beside rapidocr alone.

    python -m tools.benchmarks.text PACK.zip [--threads 2]

A pack is a zip of <key>.jpg and index.json; `lines` of an image are its quads and texts.
tools/benchmarks/text_scores.py says how they are compared.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rapidocr import RapidOCR
from rapidocr.utils.output import RapidOCROutput
from tqdm import tqdm

from bootstrap import build_services
from config.settings import Settings
from domain.arrays import Rgb
from services.images.photo import Photo
from services.progress import Progress
from services.text.service import TextOptions
from tools.benchmarks.table import machine, show
from tools.benchmarks.text_scores import Line, Scores, add_page, box_of
from tools.training.packs import Pack

SERVICE, BARE = "service", "rapidocr alone"
"""Titles of the two readers."""

Reader = Callable[[Rgb], list[Line]]
"""Returns the lines of an image, uint8 [H, W, 3]."""


def bare_reader(threads: int) -> Reader:
    """Return a reader that calls rapidocr with its own defaults."""
    engine = RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        }
    )

    def read(rgb: Rgb) -> list[Line]:
        result = engine(np.ascontiguousarray(rgb[..., ::-1]))
        if not isinstance(result, RapidOCROutput) or result.txts is None or result.boxes is None:
            return []
        return [Line(text, box_of(quad)) for text, quad in zip(result.txts, result.boxes, strict=True)]

    return read


def service_reader(threads: int) -> Reader:
    """Return a reader that calls the service."""
    settings = Settings(model_threads=threads, decode_workers=threads, result_cache_bytes=0)
    service = build_services(settings).text

    def read(rgb: Rgb) -> list[Line]:
        result = service.read(Photo.of(rgb, "page"), TextOptions(), Progress())
        return [Line(line.text, box_of(line.quad)) for line in result.lines]

    return read


def measure(pack: Pack, keys: Sequence[str], threads: int) -> dict[str, Scores]:
    """Return the scores of both readers on pages of a pack, which they read in turn."""
    readers = {SERVICE: service_reader(threads), BARE: bare_reader(threads)}
    scores = dict.fromkeys(readers, Scores())
    for read in readers.values():
        read(pack.image(keys[0]))
    for key in tqdm(keys, unit="page"):
        rgb = pack.image(key)
        annotated = [Line(line["text"], box_of(line["quad"])) for line in pack.index[key]["lines"]]
        for name, read in readers.items():
            start = time.perf_counter()
            found = read(rgb)
            scores[name] = add_page(scores[name], annotated, found, time.perf_counter() - start)
    return scores


def p50(scores: Scores) -> float:
    """Return the median seconds of a page."""
    return statistics.median(scores.seconds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pack", type=Path, help="a pack of pages of text")
    parser.add_argument("--threads", type=int, default=2, help="number of threads of each reader")
    arguments = parser.parse_args()
    pack = Pack(arguments.pack)
    scores = measure(pack, list(pack.index), arguments.threads)
    print(machine())
    _report(arguments.pack.stem, arguments.threads, scores)


def _report(name: str, threads: int, scores: dict[str, Scores]) -> None:
    first = scores[SERVICE]
    show(
        f"{name}: {len(first.seconds)} pages, {first.lines} lines, {threads} threads",
        ["what", *scores],
        [
            _row("word recall, punctuation removed", scores, lambda s: s.recall(0)),
            _row("word recall, punctuation separates words", scores, lambda s: s.recall(1)),
            _row("word precision, punctuation separates words", scores, lambda s: s.precision),
            _row("character error rate of matched lines", scores, lambda s: s.error_rate),
            _row("lines matched", scores, lambda s: s.matched / s.lines),
            _row("p50, seconds per page", scores, p50, digits=2),
            _row("p50, times rapidocr alone", scores, lambda s: p50(s) / p50(scores[BARE]), digits=2),
        ],
    )


def _row(
    what: str, scores: dict[str, Scores], value: Callable[[Scores], float], digits: int = 3
) -> list[str]:
    return [what, *(f"{value(score):.{digits}f}" for score in scores.values())]


if __name__ == "__main__":
    main()
