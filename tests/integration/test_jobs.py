"""Jobs of the running service: the same answers, streams, cancellation, and processes that die."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

from domain.arrays import Rgb
from tests.conftest import png_bytes
from tests.integration.test_service import comparable
from tools.benchmarks.server import Server, running

PATIENCE_S = 120
QUICK = {"overlay": False, "max_masks": 2, "classify": False}
MANY = 40


@pytest.fixture(scope="module")
def fragile() -> Iterator[Server]:
    """A service whose processes are missed soon, and that lets one client watch."""
    with running(job_lease_s=2, max_event_streams=1, log_level="ERROR") as service:
        yield service


@pytest.fixture(scope="module")
def coffee(fragile: Server, photographs: dict[str, Rgb]) -> str:
    return fragile.upload(png_bytes(photographs["coffee"]))


def submit(service: Server, path: str = "/segment", **body: Any) -> str:
    """The address of a new job."""
    answer = requests.post(service.url + path, json=body, timeout=PATIENCE_S)
    assert answer.status_code == 202, answer.text
    return service.url + str(answer.json()["status_url"])


def until(url: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The job once it is as wanted; a service that restarts is waited for."""
    deadline = time.monotonic() + PATIENCE_S
    job: dict[str, Any] = {}
    while time.monotonic() < deadline:
        try:
            job = requests.get(f"{url}?results=false", timeout=PATIENCE_S).json()
        except requests.ConnectionError:
            time.sleep(0.1)
            continue
        if wanted(job):
            return job
        time.sleep(0.02)
    raise AssertionError(job)


def over(job: dict[str, Any]) -> bool:
    return job["state"] in ("succeeded", "failed", "cancelled")


def workers(service: Server) -> set[int]:
    """The gunicorn processes that serve."""
    children = Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text()
    return {int(pid) for pid in children.split()}


def end_workers(service: Server, how: signal.Signals) -> None:
    for pid in workers(service):
        os.kill(pid, how)


def told(stream: requests.Response) -> Iterator[dict[str, Any]]:
    """The data of events as they come."""
    for line in stream.iter_lines(decode_unicode=True):
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def test_a_job_answers_what_the_request_does(server: Server, file_ids: dict[str, str]) -> None:
    body = {"file_id": file_ids["coffee"], "masks": "polygons", "top_k": 3, "max_masks": 12}
    url = submit(server, **body, **{"async": True})
    assert until(url, over)["state"] == "succeeded"
    result = requests.get(url, timeout=PATIENCE_S).json()["result"]
    assert comparable(result) == comparable(server.segment(**body))


def test_a_client_reads_the_events(server: Server, photographs: dict[str, Rgb]) -> None:
    unseen = np.ascontiguousarray(photographs["astronaut"][:, ::-1])  # What is kept already goes by too fast.
    url = submit(server, file_id=server.upload(png_bytes(unseen)), **{"async": True})
    with requests.get(f"{url}/events", stream=True, timeout=PATIENCE_S) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        seen = [*told(stream)]
    assert seen[-1] == requests.get(url, timeout=PATIENCE_S).json()
    assert seen[-1]["state"] == "succeeded"
    assert {"decode", "classify"} & {event["stage"] for event in seen}
    assert any("partial" in event for event in seen)


def test_one_bad_photograph_spoils_no_other(server: Server, file_ids: dict[str, str]) -> None:
    good = [file_ids["coffee"], file_ids["chelsea"]]
    url = submit(server, "/segment/batch", file_ids=[good[0], "gone", good[1]], **QUICK)
    assert until(url, over)["state"] == "succeeded"
    items = requests.get(url, timeout=PATIENCE_S).json()["items"]
    assert [item["state"] for item in items] == ["succeeded", "failed", "succeeded"]
    assert items[1]["error"]["code"] == "not_found"
    for item, file_id in zip((items[0], items[2]), good, strict=True):
        assert comparable(item["result"]) == comparable(server.segment(file_id, **QUICK))


def test_a_running_job_is_cancelled_and_leaves_its_place(server: Server, file_ids: dict[str, str]) -> None:
    url = submit(server, "/segment/batch", file_ids=[file_ids["coffee"]] * 1000)
    until(url, lambda job: job["state"] == "running")
    assert requests.delete(url, timeout=PATIENCE_S).json()["state"] == "cancelled"
    after = submit(server, file_id=file_ids["coffee"], **QUICK, **{"async": True})
    assert until(after, over)["state"] == "succeeded"
    job = until(url, over)
    assert job["state"] == "cancelled"
    assert "cancelled" in {item["state"] for item in job["items"]}


def test_a_watcher_that_hangs_up_is_noticed(fragile: Server, coffee: str) -> None:
    url = submit(fragile, "/segment/batch", file_ids=[coffee] * 1000, **QUICK)
    with requests.get(f"{url}/events", stream=True, timeout=PATIENCE_S) as stream:
        assert next(told(stream))["state"] in ("queued", "running")
        assert requests.get(f"{url}/events", timeout=PATIENCE_S).status_code == 503
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with requests.get(f"{url}/events", stream=True, timeout=PATIENCE_S) as again:
            if again.status_code == 200:
                break
        time.sleep(0.1)
    assert again.status_code == 200
    requests.delete(url, timeout=PATIENCE_S)


def test_a_process_that_is_told_to_end_hands_its_job_over(fragile: Server, coffee: str) -> None:
    url = submit(fragile, "/segment/batch", file_ids=[coffee] * MANY, **QUICK)
    until(url, lambda job: 1 <= job["done"] < MANY)
    before = workers(fragile)
    end_workers(fragile, signal.SIGTERM)
    job = until(url, over)
    assert (job["state"], job["losses"]) == ("succeeded", 0)
    assert {item["state"] for item in job["items"]} == {"succeeded"}
    assert not before & workers(fragile)


def test_a_killed_process_costs_a_job_nothing(fragile: Server, coffee: str) -> None:
    url = submit(fragile, "/segment/batch", file_ids=[coffee] * MANY, **QUICK)
    until(url, lambda job: 1 <= job["done"] < MANY)
    end_workers(fragile, signal.SIGKILL)
    job = until(url, over)
    assert (job["state"], job["losses"]) == ("succeeded", 1)
    assert {item["state"] for item in job["items"]} == {"succeeded"}


def test_a_job_that_kills_twice_fails(fragile: Server, coffee: str) -> None:
    url = submit(
        fragile,
        file_id=coffee,
        points_per_side=64,
        adaptive=False,
        deduplication="none",
        max_masks=1000,
        **{"async": True},
    )
    for losses in (0, 1):
        until(url, lambda job, losses=losses: job["state"] == "running" and job["losses"] == losses)
        end_workers(fragile, signal.SIGKILL)
    job = until(url, over)
    assert (job["state"], job["losses"], job["error"]["code"]) == ("failed", 2, "job_lost")
    after = submit(fragile, file_id=coffee, **QUICK, **{"async": True})
    assert until(after, over)["state"] == "succeeded"


def test_any_process_answers_for_any_job(photographs: dict[str, Rgb]) -> None:
    with running(processes=2, decode_workers=1) as service:
        file_id = service.upload(png_bytes(photographs["coffee"]))
        urls = [submit(service, file_id=file_id, **QUICK, **{"async": True}) for _ in range(6)]
        for url in urls:
            with requests.get(f"{url}/events", stream=True, timeout=PATIENCE_S) as stream:
                assert [*told(stream)][-1]["state"] == "succeeded"
            assert until(url, over)["losses"] == 0
            results = [requests.get(url, timeout=PATIENCE_S).json()["result"] for _ in range(3)]
            assert {comparable(result) for result in results} == {comparable(results[0])}
