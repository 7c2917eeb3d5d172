"""Search over the running service: real photographs, processes that die, indexing and searching at once."""

import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from domain.arrays import Rgb
from tests.conftest import png_bytes
from tests.integration.test_jobs import end_workers, over, submit, until, workers
from tools.benchmarks.server import Server, running

PATIENCE_S = 120
QUICK = {"regions": False}


@pytest.fixture(scope="module")
def pair() -> Iterator[Server]:
    """A service of two processes."""
    with running(processes=2, decode_workers=1, model_threads=1, log_level="ERROR", job_lease_s=2) as service:
        yield service


def search(service: Server, **query: Any) -> list[dict[str, Any]]:
    answer = requests.get(f"{service.url}/search", params=query, timeout=PATIENCE_S)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["results"])


def test_text_and_pictures_find_photographs_and_regions(
    server: Server, file_ids: dict[str, str], photographs: dict[str, Rgb]
) -> None:
    indexed = server.post("index", file_ids=[*file_ids.values()])["indexed"]
    assert all(entry["regions"] > 3 for entry in indexed)
    assert search(server, q="cat")[0]["file_id"] == file_ids["chelsea"]
    cup = search(server, q="cup", scope="region")[0]
    assert (cup["file_id"], cup["label"]) == (file_ids["coffee"], "cup")
    person = search(server, q="person", scope="region")[0]
    assert person["file_id"] == file_ids["astronaut"]
    shrunk = server.upload(png_bytes(photographs["coffee"][20:-20, 20:-20].copy()))
    assert server.post("similar", file_id=shrunk)["results"][0]["file_id"] == file_ids["coffee"]
    x, y, width, height = cup["bbox"]
    box = [x - 20, y - 20, x + width - 20, y + height - 20]
    like_cup = server.post("similar", file_id=shrunk, box=[max(0, side) for side in box])
    assert like_cup["results"][0]["file_id"] == file_ids["coffee"]
    ranked = server.post("rank", q="a cup of coffee", file_ids=[*file_ids.values()])["results"]
    assert ranked[0]["file_id"] == file_ids["coffee"]


def test_a_killed_service_keeps_what_it_acknowledged(pair: Server, photographs: dict[str, Rgb]) -> None:
    chelsea = photographs["chelsea"]
    file_ids = [pair.upload(png_bytes(chelsea[at:].copy())) for at in range(24)]
    acknowledged: list[str] = []

    def index(part: list[str]) -> None:
        for file_id in part:
            try:
                pair.post("index", file_id=file_id, **QUICK)
            except requests.RequestException:
                return
            acknowledged.append(file_id)

    threads = [threading.Thread(target=index, args=(file_ids[at::4],)) for at in range(4)]
    for thread in threads:
        thread.start()
    while len(acknowledged) < 6:
        time.sleep(0.01)
    before = workers(pair)
    end_workers(pair, signal.SIGKILL)
    for thread in threads:
        thread.join(PATIENCE_S)
    until_served(pair, before)
    for _ in range(4):
        found = search(pair, q="cat", group="false", limit=100)
        assert set(acknowledged) <= {entry["file_id"] for entry in found}


def until_served(service: Server, before: set[int]) -> None:
    """Wait until other processes than those of `before` answer."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            alive = requests.get(f"{service.url}/ready", timeout=PATIENCE_S).ok
        except requests.RequestException:
            alive = False
        if alive and len(workers(service) - before) == 2:
            return
        time.sleep(0.1)
    raise AssertionError(workers(service))


def test_a_killed_batch_is_indexed_to_its_end(pair: Server, photographs: dict[str, Rgb]) -> None:
    coffee = photographs["coffee"]
    file_ids = [pair.upload(png_bytes(coffee[at:].copy())) for at in range(12)]
    url = submit(pair, "/index/batch", file_ids=file_ids, **QUICK)
    until(url, lambda job: job["done"] >= 1)
    before = workers(pair)
    end_workers(pair, signal.SIGKILL)
    until_served(pair, before)
    assert until(url, over)["state"] == "succeeded"
    found = search(pair, q="a cup of coffee", group="false", limit=100)
    assert set(file_ids) <= {entry["file_id"] for entry in found}


def test_what_one_process_indexes_all_find_at_once(pair: Server, photographs: dict[str, Rgb]) -> None:
    astronaut = photographs["astronaut"]
    errors: list[str] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            scores = [entry["score"] for entry in search(pair, q="person", group="false")]
            if scores != sorted(scores, reverse=True):
                errors.append(f"not in order: {scores}")

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        for at in range(6):
            file_id = pair.upload(png_bytes(astronaut[at:].copy()))
            pair.post("index", file_id=file_id, **QUICK)
            for _ in range(4):
                assert file_id in {e["file_id"] for e in search(pair, q="person", group="false", limit=100)}
            requests.delete(f"{pair.url}/index/{file_id}", timeout=PATIENCE_S).raise_for_status()
            for _ in range(4):
                assert file_id not in {e["file_id"] for e in search(pair, q="person", limit=100)}
    finally:
        ended.set()
        watcher.join(PATIENCE_S)
    assert not errors
