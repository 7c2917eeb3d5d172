"""Measures GET /health while clients stall, and small requests per second without such clients.

python -m tools.benchmarks.slow_clients [--clients 200] [--requests 2000]
"""

import argparse
import http.client
import io
import json
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import requests
from PIL import Image
from tqdm import tqdm

from tools.benchmarks.server import Server, running
from tools.benchmarks.stalled_clients import SENDERS, StalledKind, readers, stalled
from tools.benchmarks.table import machine, show

PROBES = 20
FIRST_TIMEOUT_S = 30.0
"""Timeout of the first probe, which may wait for answers that are computed for the stalled clients."""

PROBE_TIMEOUT_S = 3.0
SETTLE_S = 1.0
"""Seconds between the arrival of the stalled clients and the first probe."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--clients", type=int, default=200, help="number of stalled clients of each kind")
    parser.add_argument("--requests", type=int, default=2000, help="number of small requests")
    args = parser.parse_args()
    print(machine())
    with running() as server:
        show(
            "Small requests per second",
            ["request", "1 client", "8 clients"],
            list(rates(server, args.requests)),
        )
        rows = list(tqdm(health_rows(server, args.clients), total=len(SENDERS) + 3))
    title = f"Time of GET /health while {args.clients} clients of a kind stall, ms"
    show(title, ["clients", "first", "median", "largest", "without an answer"], rows)


def noise_png(width: int, height: int) -> bytes:
    """Return a PNG file of noise, which no codec makes smaller."""
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def health_rows(server: Server, count: int) -> Iterator[list[object]]:
    """Yield a row for each way to stall; a job runs beside the clients that do not read."""
    file_id = server.upload(noise_png(1600, 1200))
    server.segment(file_id, max_masks=3, classify=False)
    job = requests.post(f"{server.url}/segment/batch", json={"file_ids": [file_id] * 1000}, timeout=60).json()
    for name, kind in readers(file_id, job["job_id"]).items():
        yield [name, *health_ms(server, kind, count)]
    requests.delete(f"{server.url}/jobs/{job['job_id']}", timeout=60)
    for name, kind in SENDERS.items():
        yield [name, *health_ms(server, kind, count)]


def health_ms(server: Server, kind: StalledKind, count: int) -> list[object]:
    """Return the time of a first GET /health, the median and the largest of further ones, and those lost."""
    with stalled(server.url, kind, count):
        time.sleep(SETTLE_S)
        first = probe_ms(server, FIRST_TIMEOUT_S)
        times = [probe_ms(server, PROBE_TIMEOUT_S) for _ in range(PROBES if first else 0)]
    answered = [each for each in times if each]
    middle = [statistics.median(answered), max(answered)] if answered else [None, None]
    shown = [f"{each:.0f}" if each else "-" for each in (first, *middle)]
    return [*shown, PROBES - len(answered)]


def probe_ms(server: Server, timeout_s: float) -> float | None:
    """Return the time of GET /health on a connection of its own, or None without an answer."""
    start = time.perf_counter()
    try:
        requests.get(f"{server.url}/health", timeout=timeout_s)
    except (requests.ConnectionError, requests.Timeout):
        return None
    return (time.perf_counter() - start) * 1e3


def rates(server: Server, count: int) -> Iterator[list[object]]:
    """Yield rows with the requests per second of one and of eight clients with kept-alive connections."""
    body = json.dumps({"file_id": server.upload(noise_png(320, 240)), "overlay": False, "max_masks": 3})
    for title, method, path, sent in (
        ("GET /health", "GET", "/health", None),
        ("POST /segment, cached", "POST", "/segment", body),
    ):
        yield [title, *(f"{rate(server, method, path, sent, clients, count):.0f}" for clients in (1, 8))]


def rate(server: Server, method: str, path: str, body: str | None, clients: int, count: int) -> float:
    """Return requests per second."""

    def send(_: int) -> None:
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
        for _ in range(count // clients):
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
        connection.close()

    return count // clients * clients / timed(lambda pool: list(pool.map(send, range(clients))), clients)


def timed(work: Callable[[ThreadPoolExecutor], object], threads: int) -> float:
    """Return the seconds of `work` in a pool of threads."""
    with ThreadPoolExecutor(threads) as pool:
        start = time.perf_counter()
        work(pool)
        return time.perf_counter() - start


if __name__ == "__main__":
    main()
