"""Compares many boxes in one call of /segment with decoding and labelling them alone.

    python -m tools.benchmarks.prompts [--runs 12]

The photograph is encoded before: its embedding is cached, as it is for a detector's boxes after a first call.
"Models alone" are the calls to decode the prompts and to label the crops, in the same batches, with nothing
around them. The service runs in a process of its own.
"""

import argparse
import random
import statistics
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tqdm import tqdm

from api.contract.common import points_box_prompt
from bootstrap import Services
from config.settings import Settings
from domain.masks import Prompt, PromptList
from services.images.photo import Photo
from services.labels.confidence import LabelOptions
from services.masks.options import MaskOptions
from services.progress import Progress
from services.segment import SegmentOptions
from tools.benchmarks.clock import seconds
from tools.benchmarks.models_alone import STAGES, ModelsAlone, Stage
from tools.benchmarks.photographs import SIZE, examples, jpeg, parse_size
from tools.benchmarks.server import Server, running
from tools.benchmarks.table import machine, show

Box = tuple[int, int, int, int]

NEEDED = ("decode", "encode_two_views")
"""The calls without which no prompt gets a mask and a label."""


def random_boxes(count: int, width: int, height: int) -> list[Box]:
    """Return boxes x0, y0, x1, y1 whose sides are a twentieth to a half of the image's."""
    rng = random.Random(0)

    def box() -> Box:
        size = [round(side * rng.uniform(0.05, 0.5)) for side in (width, height)]
        x, y = rng.randint(0, width - size[0]), rng.randint(0, height - size[1])
        return x, y, x + size[0], y + size[1]

    return [box() for _ in range(count)]


def segment(services: Services, photo: Photo, prompt: Prompt | PromptList) -> None:
    """Do what POST /segment does, without an overlay."""
    labels = LabelOptions(services.vocabularies.default)
    services.segment.segment(photo, SegmentOptions(MaskOptions(prompt, 1), labels, overlay=False), Progress())


def alone(models: ModelsAlone, photograph: bytes, key: str, boxes: Sequence[Box]) -> dict[str, Stage]:
    """Return the calls that one request with these boxes makes to the models, after the image is encoded."""

    def encode(services: Services) -> Photo:
        photo = Photo.of(services.images.read(photograph), key)
        segment(services, photo, Prompt.point(photo.width // 2, photo.height // 2))
        return photo

    photos: list[Photo] = []
    models.measure(lambda services: photos.append(encode(services)))
    prompts = PromptList(tuple(points_box_prompt([], box) for box in boxes))
    return models.measure(partial(segment, photo=photos[0], prompt=prompts))


def served(server: Server, photograph: bytes, boxes: Sequence[Box], overlay: bool) -> float:
    """Return the seconds of one request about a photograph that is encoded already."""
    file_id = server.upload(photograph)
    server.segment(file_id, prompt_type="box", box=boxes[0], classify=False, overlay=False)
    return seconds(partial(server.segment, file_id, boxes=boxes, overlay=overlay))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=12, help="number of requests")
    parser.add_argument("--boxes", type=int, default=100, help="boxes of a request")
    parser.add_argument("--photo", type=Path, action="append", help="instead of the examples; repeatable")
    parser.add_argument("--size", type=parse_size, default=SIZE, help="width and height, e.g. 640x480")
    args = parser.parse_args()
    photographs = [jpeg(path, *args.size) for path in args.photo or examples()]
    boxes = random_boxes(args.boxes, *args.size)
    models, calls = ModelsAlone(Settings()), list[dict[str, Stage]]()
    plain, drawn = list[float](), list[float]()
    with running() as server:
        for index in tqdm(range(args.runs + 1), unit="photo"):
            photograph = photographs[index % len(photographs)]
            calls.append(alone(models, photograph, f"run {index}", boxes))
            plain.append(served(server, photograph, boxes, False))
            drawn.append(served(server, photograph, boxes, True))
    print(machine())
    width, height = args.size
    title = f"{args.boxes} boxes in one call, {width}x{height}, {args.runs} requests, medians"
    _report(title, calls[1:], plain[1:], drawn[1:])  # The first round warms up.


def _report(
    title: str, calls: Sequence[dict[str, Stage]], plain: Sequence[float], drawn: Sequence[float]
) -> None:
    times = {name: statistics.median(each[name].seconds for each in calls) for name in STAGES}
    needed = sum(times[name] for name in NEEDED)
    rows = [
        *((STAGES[name][0], calls[0][name].calls, times[name]) for name in STAGES if calls[0][name].calls),
        ("decoding and labelling alone", "", needed),
        ("/segment", "", statistics.median(plain)),
        ("/segment with the overlay", "", statistics.median(drawn)),
    ]
    show(
        title,
        ["what", "calls", "ms", "of decoding and labelling alone"],
        [[what, count, f"{time * 1e3:.0f}", f"{time / needed:.2f}"] for what, count, time in rows],
    )
    ratio = statistics.median(
        time / sum(each[name].seconds for name in NEEDED) for each, time in zip(calls, plain, strict=True)
    )
    print(f"\n/segment takes {ratio:.2f} times decoding and labelling alone (median of the ratios)")


if __name__ == "__main__":
    main()
