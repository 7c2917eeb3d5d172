"""Many clients at once: is every answer the one given alone, does memory stay flat?

python -m tools.benchmarks.load [--clients 8] [--requests 500]
"""

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tqdm import tqdm

from tools.benchmarks.photographs import examples, jpeg
from tools.benchmarks.server import Server, running
from tools.benchmarks.table import machine, show

SIZES = ((640, 480), (480, 640), (320, 240), (1024, 768))


def requests_mix() -> list[dict[str, Any]]:
    """Different kinds of requests about one photograph."""
    return [
        {"masks": "rle"},
        {"max_masks": 20, "labels": ["cat", "cup", "person", "rocket"], "top_k": 3},
        {"prompt_type": "point", "points": [{"x": 100, "y": 100}], "max_masks": 3, "masks": "polygons"},
        {"prompt_type": "box", "box": [40, 40, 200, 200], "masks": "rle"},
    ]


def comparable(answer: dict[str, Any]) -> str:
    """The answer without its timings."""
    return json.dumps({key: value for key, value in answer.items() if key != "timings_ms"}, sort_keys=True)


def main() -> None:
    """Measure and print; fails when an answer differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--requests", type=int, default=500)
    arguments = parser.parse_args()
    with running() as server:
        cases = [
            (server.upload(jpeg(path, *SIZES[index % len(SIZES)])), body)
            for index, path in enumerate(examples() * 2)
            for body in requests_mix()
        ]
        alone = [comparable(server.segment(file_id, **body)) for file_id, body in cases]
        memory, different, elapsed = _storm(server, cases, alone, arguments.clients, arguments.requests)
    print(machine())
    marks = [max(1, len(memory) * share // 4) - 1 for share in (1, 2, 3, 4)]
    show(
        f"{arguments.requests} requests by {arguments.clients} clients at once",
        ["what", "value"],
        [
            ["answers that differ from the answer alone", different],
            ["requests a second", f"{arguments.requests / elapsed:.2f}"],
            ["memory after each quarter, MB", ", ".join(f"{memory[mark]:.0f}" for mark in marks)],
            ["largest memory seen, MB", f"{max(memory):.0f}"],
        ],
    )
    if different:
        raise SystemExit(f"{different} answers differ")


def _storm(
    server: Server, cases: list[tuple[str, dict[str, Any]]], alone: list[str], clients: int, count: int
) -> tuple[list[float], int, float]:
    """Memory after each answer in MB, how many answers differ, and the seconds it took."""

    def ask(index: int) -> tuple[bool, float]:
        file_id, body = cases[index % len(cases)]
        same = comparable(server.segment(file_id, **body)) == alone[index % len(cases)]
        return same, server.memory_mb("VmRSS")

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        answers = list(tqdm(pool.map(ask, range(count)), total=count, unit="request"))
    seconds = time.perf_counter() - start
    return [memory for _, memory in answers], sum(not same for same, _ in answers), seconds


if __name__ == "__main__":
    main()
