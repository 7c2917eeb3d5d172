"""Measures how good the answers are, and prints the figures beside their goals.

    python -m tools.benchmarks.quality masks|examples|names|boundaries|text|depth|...|all PACK.zip[:FIRST] ...

A pack is a zip of <key>.jpg, mostly <key>.png and index.json. Its annotation decides on the topics:

    masks, names, examples
                  objects: <key>.png numbers them, `regions` of an image maps the numbers to class names
    boundaries    <key>.png holds region maps of several annotators side by side, `annotators` their number
    text          `lines` of an image are quads and texts
    depth         <key>.png is a uint16 disparity, larger = nearer, 0 = unknown; `kind` says disparity
    zeroshot      `label` of an image is its label; all labels are known, or half of them are left out
    fewshot       likewise; some images of each label are examples, and others are evaluated
    moderation    likewise; the default policy is evaluated on labels that belong to a category
    retrieval     `captions` of an image are sentences about it
    captions      likewise; the captions of the service are compared with them

Other packs are ignored. PACK.zip:300 leaves out the first 300 images, for example those of the training.
"""

import argparse
from collections.abc import Callable
from importlib import import_module

from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row, show_rows
from tools.benchmarks.table import machine

TOPICS = {
    "masks": "objects",
    "names": "objects",
    "examples": "objects",
    "boundaries": "outlines",
    "text": "text",
    "depth": "disparity",
    "zeroshot": "labels",
    "fewshot": "labels",
    "moderation": "labels",
    "retrieval": "captions",
    "captions": "captions",
}
"""Kind of annotation that a pack must have, by topic."""

Evaluate = Callable[[Part], tuple[str, list[Row]]]
"""Returns the title of the table and its rows."""


def evaluation_of(topic: str) -> Evaluate:
    """Import the module of a topic and return its function; topics need different libraries."""
    evaluate: Evaluate = import_module(f"tools.benchmarks.quality.{topic}").evaluate
    return evaluate


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("topic", choices=[*TOPICS, "all"], help="what is measured")
    parser.add_argument("packs", nargs="+", type=Part.parse, metavar="PACK.zip[:FIRST]")
    args = parser.parse_args()
    topics = TOPICS if args.topic == "all" else [args.topic]
    chosen = [(topic, part) for topic in topics for part in args.packs if part.kind == TOPICS[topic]]
    if not chosen:
        parser.error(f"no pack has the annotation that {args.topic} needs")
    print(machine())
    for topic, part in chosen:
        title, rows = evaluation_of(topic)(part)
        show_rows(f"{part.name}: {title}", rows)


if __name__ == "__main__":
    main()
