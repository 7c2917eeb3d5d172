"""Sends requests of many clients at once, compares every answer with the one given alone, and watches memory.

python -m tools.benchmarks.load [--clients 8] [--requests 500]
"""

import argparse
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from tools.benchmarks.photographs import examples, jpeg, parse_size
from tools.benchmarks.server import Server, running
from tools.benchmarks.table import machine, show

SIZES = ((640, 480), (480, 640), (320, 240), (1024, 768))
"""Usual widths and heights of the photographs, in turn."""

Case = tuple[str, dict[str, Any]]
"""The file_id and the options of a request."""


def requests_mix() -> list[dict[str, Any]]:
    """Return the options of different kinds of requests."""
    return [
        {"masks": "rle"},
        {"max_masks": 20, "labels": ["cat", "cup", "person", "rocket"], "top_k": 3},
        {"prompt_type": "point", "points": [{"x": 100, "y": 100}], "max_masks": 3, "masks": "polygons"},
        {"prompt_type": "box", "box": [40, 40, 200, 200], "masks": "rle"},
    ]


def comparable(answer: dict[str, Any]) -> str:
    """Return the answer without its timings."""
    return json.dumps({key: value for key, value in answer.items() if key != "timings_ms"}, sort_keys=True)


@dataclass(frozen=True)
class Storm:
    """The result of many requests at once.

    Attributes:
        memory: Memory of the service after each answer, in MiB.
        different: Number of answers that differ from the answer alone.
        seconds: Seconds of all requests.
    """

    memory: list[float]
    different: int
    seconds: float


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--clients", type=int, default=8, help="number of clients")
    parser.add_argument("--requests", type=int, default=500, help="number of requests of all clients")
    parser.add_argument("--photo", type=Path, action="append", help="instead of the examples; repeatable")
    parser.add_argument(
        "--sizes", type=parse_size, nargs="+", default=SIZES, help="of the photographs, in turn"
    )
    return parser.parse_args()


def main() -> None:
    """Measure and print; exit with an error if an answer differs."""
    args = arguments()
    with running() as server:
        cases = cases_of(server, args.photo or examples(), args.sizes)
        storm = measure(server, cases, args.clients, args.requests)
    print(machine())
    memory = storm.memory
    marks = [max(1, len(memory) * quarter // 4) - 1 for quarter in (1, 2, 3, 4)]
    show(
        f"{args.requests} requests by {args.clients} clients at once",
        ["what", "value"],
        [
            ["answers that differ from the answer alone", storm.different],
            ["requests per second", f"{args.requests / storm.seconds:.2f}"],
            ["memory after each quarter, MB", ", ".join(f"{memory[mark]:.0f}" for mark in marks)],
            ["largest memory, MB", f"{max(memory):.0f}"],
        ],
    )
    if storm.different:
        raise SystemExit(f"{storm.different} answers differ")


def cases_of(server: Server, photos: Sequence[Path], sizes: Sequence[tuple[int, int]]) -> list[Case]:
    """Upload every photograph twice, in the sizes in turn, and return all kinds of requests about each."""
    return [
        (server.upload(jpeg(path, *sizes[index % len(sizes)])), options)
        for index, path in enumerate([*photos, *photos])
        for options in requests_mix()
    ]


def measure(server: Server, cases: Sequence[Case], clients: int, count: int) -> Storm:
    """Send every case alone, then `count` requests by `clients` clients at once."""
    alone = [comparable(server.segment(file_id, **options)) for file_id, options in cases]

    def ask(index: int) -> tuple[bool, float]:
        file_id, options = cases[index % len(cases)]
        same = comparable(server.segment(file_id, **options)) == alone[index % len(cases)]
        return same, server.memory_mb("VmRSS")

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        answers = list(tqdm(pool.map(ask, range(count)), total=count, unit="request"))
    seconds = time.perf_counter() - start
    return Storm([memory for _, memory in answers], sum(not same for same, _ in answers), seconds)


if __name__ == "__main__":
    main()
