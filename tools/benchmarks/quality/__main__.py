"""How good the answers are, beside the goals that were set.

    python -m tools.benchmarks.quality masks|names|boundaries|text|depth|zeroshot|...|all PACK.zip[:FIRST] ...

A pack is a zip of <key>.jpg, mostly <key>.png and index.json; each is judged for what is annotated in it:

    masks, names  objects: <key>.png numbers them, `regions` of an image maps the numbers to class names
    boundaries    <key>.png holds region maps of several annotators side by side, `annotators` their number
    text          `lines` of an image are quads and texts
    depth         <key>.png is a uint16 disparity, larger = nearer, 0 = unknown; `kind` says disparity
    zeroshot      `label` of an image is its name: all names, and half of them left out
    fewshot       likewise: some photographs of each name are examples, others are judged
    moderation    likewise: the default policy, where its names show something of a category
    retrieval     `captions` of an image are sentences about it
    captions      likewise: what the service says, against them

Other packs are passed over. PACK.zip:300 leaves out the first 300 photographs, those that were trained on.
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
    "boundaries": "outlines",
    "text": "text",
    "depth": "disparity",
    "zeroshot": "labels",
    "fewshot": "labels",
    "moderation": "labels",
    "retrieval": "captions",
    "captions": "captions",
}
"""What a pack must be annotated with, by what is judged."""

Judge = Callable[[Part], tuple[str, list[Row]]]


def judge_of(topic: str) -> Judge:
    """What judges a topic, imported only now: not every one's libraries are there for every use."""
    judge: Judge = import_module(f"tools.benchmarks.quality.{topic}").judge
    return judge


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("topic", choices=[*TOPICS, "all"])
    parser.add_argument("packs", nargs="+", type=Part.parse, metavar="PACK.zip[:FIRST]")
    arguments = parser.parse_args()
    topics = TOPICS if arguments.topic == "all" else [arguments.topic]
    todo = [(topic, part) for topic in topics for part in arguments.packs if part.kind == TOPICS[topic]]
    if not todo:
        parser.error(f"no pack is annotated with what is needed to judge {arguments.topic}")
    print(machine())
    for topic, part in todo:
        title, rows = judge_of(topic)(part)
        show_rows(f"{part.name}: {title}", rows)


if __name__ == "__main__":
    main()
