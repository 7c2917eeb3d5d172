"""Clients that stall: others are answered meanwhile, limits end them, and nothing is left of them."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
import pytest
import requests

from tests.conftest import png_bytes
from tests.integration.test_jobs import workers
from tools.benchmarks.server import Server, running
from tools.benchmarks.slow_clients import noise_png
from tools.benchmarks.stalled_clients import SENDERS, StalledKind, get, post, readers, stalled

PATIENCE_S = 120
MANY = 200
FEW = 5
WITHOUT_ANSWER = {"sends nothing", "idle after an answer"}


@pytest.fixture(scope="module")
def hasty() -> Iterator[Server]:
    """A service that is impatient with its clients."""
    with running(
        header_timeout_s=1, stall_timeout_s=1, body_timeout_s=2, max_event_streams=1, log_level="ERROR"
    ) as service:
        yield service


def open_files(service: Server) -> list[str]:
    """The sockets and temporary files of the process that serves, without its output and its heartbeat."""
    (pid,) = workers(service)
    found = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # It was closed meanwhile.
            found.append((int(entry.name), str(entry.readlink())))
    temporary = [name for fd, name in found if fd > 2 and "(deleted)" in name and "wgunicorn" not in name]
    return [name for _, name in found if name.startswith("socket:")] + temporary


def wait_until_idle(service: Server) -> None:
    """Wait until only the listening socket is open."""
    wait_for(lambda: len(open_files(service)) == 1)


def wait_for(wanted: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not wanted():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def unharmed(service: Server) -> None:
    """Other clients get what they ask for."""
    assert requests.get(f"{service.url}/health", timeout=PATIENCE_S).ok
    rgb = np.random.default_rng(1).integers(0, 256, (300, 400, 3), np.uint8)
    assert requests.post(f"{service.url}/upload", data=png_bytes(rgb), timeout=PATIENCE_S).status_code == 201


@pytest.mark.parametrize("kind", SENDERS)
def test_others_are_answered_while_many_clients_stall(server: Server, kind: str) -> None:
    with stalled(server.url, SENDERS[kind], MANY):
        unharmed(server)
        assert len(open_files(server)) > MANY  # None of them was cut off before.
    wait_until_idle(server)


def test_every_stalled_client_is_ended_and_nothing_is_left(hasty: Server) -> None:
    with ExitStack() as stack:
        kinds = {
            name: stack.enter_context(stalled(hasty.url, kind, FEW, interval_s=0.2))
            for name, kind in SENDERS.items()
        }
        unharmed(hasty)
        ends = {name: [client.rest(PATIENCE_S) for client in clients] for name, clients in kinds.items()}
        unharmed(hasty)
        wait_until_idle(hasty)
    for name, answers in ends.items():
        for answer in answers:
            codes = re.findall(rb"HTTP/1\.. (\d+) ", answer)
            if name in WITHOUT_ANSWER:
                assert b"408" not in codes, name
                continue
            # The answer can be lost where the client still sends when the connection ends.
            assert codes[-1:] in ([b"408"], []) if SENDERS[name].dripped else codes[-1:] == [b"408"], name
            if codes:
                error = json.loads(answer[answer.rindex(b"\r\n\r\n") :])["error"]
                assert error["code"] == "request_timeout", name


@pytest.mark.parametrize("kind", list(readers("", "")))
def test_a_client_that_does_not_read_is_ended(hasty: Server, kind: str) -> None:
    file_id = hasty.upload(noise_png(1600, 1200))
    hasty.segment(file_id, max_masks=3, classify=False)
    batch = {"file_ids": [file_id] * 1000, "overlay": False, "classify": False, "max_masks": 1}
    job = requests.post(f"{hasty.url}/segment/batch", json=batch, timeout=PATIENCE_S).json()
    wait_until_idle(hasty)
    with stalled(hasty.url, readers(file_id, job["job_id"])[kind], 1) as (client,):
        wait_for(lambda: len(open_files(hasty)) > 1)
        unharmed(hasty)
        wait_until_idle(hasty)
        assert not client.rest(PATIENCE_S).endswith(b"0\r\n\r\n")
    url = f"{hasty.url}/jobs/{job['job_id']}"
    wait_for(lambda: requests.get(f"{url}/events", stream=True, timeout=PATIENCE_S).ok)  # Its place is free.
    requests.delete(url, timeout=PATIENCE_S)


def test_a_slow_client_within_the_limits_is_served(server: Server) -> None:
    data = png_bytes(np.zeros((200, 300, 3), np.uint8))

    def slowly() -> Iterator[bytes]:
        for at in range(0, len(data), len(data) // 5):
            time.sleep(0.1)
            yield data[at : at + len(data) // 5]

    assert requests.post(f"{server.url}/upload", data=slowly(), timeout=PATIENCE_S).status_code == 201


def test_a_body_beyond_what_is_read_to_its_end_is_refused_at_once(server: Server) -> None:
    kind = StalledKind(post("/upload", "Content-Length: 500000000", body=b"0" * 100_000))
    with stalled(server.url, kind, 1) as (client,):
        answer = client.rest(PATIENCE_S)
    assert b" 413 " in answer.splitlines()[0]
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "too_large"


def test_a_chunked_answer_leaves_the_connection_open(server: Server, file_ids: dict[str, str]) -> None:
    body = {"file_id": file_ids["coffee"], "overlay": False, "max_masks": 2, "async": True}
    job = requests.post(f"{server.url}/segment", json=body, timeout=PATIENCE_S).json()
    both = get(f"/jobs/{job['job_id']}") + get("/health").replace(
        b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"
    )
    with stalled(server.url, StalledKind(both), 1) as (client,):
        answer = client.rest(PATIENCE_S)
    assert answer.count(b"HTTP/1.1 200 OK") == 2
