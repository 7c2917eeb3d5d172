"""Limits of connections over the ways in which a client can stall, without waiting for time to pass."""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.api.http.server.served import LIMITS, Served, serving
from tools.benchmarks.stalled_clients import SENDERS, StalledKind, get, post, stalled

SILENT = {"sends nothing", "idle after an answer"}
HEADERS = {"half a request line", "dripped request line", "half the headers", "dripped headers"}
LARGE = 30_000_000


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the path and the size of the body, /large with a large answer, /pieces in chunks."""
    path, size = environ["PATH_INFO"], len(environ["wsgi.input"].read())
    start_response("200 OK", [("Content-Type", "text/plain")])
    if path == "/large":
        return [b"0" * LARGE]
    return (piece for piece in (b"one", b"two")) if path == "/pieces" else [f"{path} {size}\n".encode()]


def parsed(answer: bytes) -> tuple[bytes, dict[str, Any]]:
    """The status line and the JSON body of the last answer."""
    (*_, start) = re.finditer(rb"HTTP/1\.. \d{3} ", answer)
    head, _, body = answer[start.start() :].partition(b"\r\n\r\n")
    return head.split(b"\r\n")[0], json.loads(body)


def spoken(served: Served, sent: bytes, until: bytes) -> bytes:
    """What the server says to `sent` until it has said `until` or hangs up."""
    with socket.create_connection(served.url.removeprefix("http://").split(":"), timeout=0.01) as client:
        client.sendall(sent)
        said = b""
        over = False

        def finished() -> bool:
            nonlocal said, over
            try:
                piece = client.recv(65536)
                said, over = said + piece, not piece
            except TimeoutError:
                pass
            return over or said.endswith(until)

        served.turn_until(finished)
    return said


@pytest.mark.parametrize("kind", SENDERS)
def test_a_stalled_client_keeps_its_connection_until_the_limit(kind: str) -> None:
    limit = LIMITS.header_s if kind in SILENT | HEADERS else LIMITS.stall_s
    with serving(app) as served, stalled(served.url, SENDERS[kind], 3, interval_s=3600) as clients:
        for client in clients:
            client.drip()
        served.settle(3)
        served.after(limit - 2)
        assert len(served.server.active_channels) == 3
        served.after(limit + 2)
        served.turn_until(lambda: not any(each.requests for each in served.server.active_channels.values()))
        served.settle(0 if kind in SILENT else 3)
        served.after(limit + 60)
        served.turn_until(lambda: not served.server.active_channels)
        for client in clients:
            answer = client.rest(1)
            if kind in SILENT:
                assert b" 408 " not in answer
                continue
            status, body = parsed(answer)
            assert b" 408 " in status
            assert body["success"] is False
            assert body["error"]["code"] == "request_timeout"
            assert f"{limit:g} s" in body["error"]["message"]


@pytest.mark.parametrize("kind", [name for name, kind in SENDERS.items() if kind.dripped])
def test_a_drip_does_not_extend_the_limit_of_the_whole(kind: str) -> None:
    limit = LIMITS.header_s if kind in HEADERS else LIMITS.body_s
    with serving(app) as served, stalled(served.url, SENDERS[kind], 1, interval_s=3600) as (client,):
        client.drip()
        served.settle(1)
        (channel,) = served.server.active_channels.values()
        channel.last_activity += limit + 1  # A byte came just now.
        served.after(limit - 1)
        assert not channel.refused
        served.after(limit + 1)
        served.turn_until(lambda: channel.refused)


@pytest.mark.parametrize("limit", ["stall", "whole"])
def test_an_unread_answer_frees_its_thread_and_its_connection(limit: str) -> None:
    kind = StalledKind(get("/large"), read=False)
    limits = replace(LIMITS, held_bytes=10 * LARGE)
    with serving(app, limits) as served, stalled(served.url, kind, 2) as clients:
        served.settle(2)
        channels = list(served.server.active_channels.values())
        served.turn_until(lambda: not any(each.requests for each in channels))  # The threads are free.
        assert all(each.total_outbufs_len for each in channels)
        served.after(0)
        if limit == "whole":
            for each in channels:
                each.last_activity += LIMITS.body_s + 5
        served.after(LIMITS.stall_s - 5)
        assert len(served.server.active_channels) == 2
        served.after((LIMITS.stall_s if limit == "stall" else LIMITS.body_s) + 5)
        assert not served.server.active_channels
        assert all(len(client.rest(1)) < LARGE for client in clients)


@pytest.mark.parametrize("idle_s", [0, 3600])
def test_a_client_that_waits_for_a_long_computation_is_not_cut(idle_s: float) -> None:
    go = threading.Event()

    def slow(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        go.wait(30)
        return app(environ, start_response)

    with serving(slow) as served, stalled(served.url, StalledKind(get("/slow")), 1) as (client,):
        served.turn_until(lambda: any(each.requests for each in served.server.active_channels.values()))
        served.after(idle_s)
        assert len(served.server.active_channels) == 1
        go.set()
        (channel,) = served.server.active_channels.values()
        served.turn_until(lambda: not channel.requests)
        served.after(LIMITS.header_s + 3600)
        assert client.rest(1).endswith(b"/slow 0\n")


def test_bodies_beyond_the_budget_are_refused_the_largest_first() -> None:
    with serving(app) as served:
        small = StalledKind(post("/", "Content-Length: 900000", body=b"0" * 700_000))
        large = StalledKind(post("/", "Content-Length: 900000", body=b"0" * 800_000))
        with stalled(served.url, small, 2) as kept, stalled(served.url, large, 1) as (refused,):
            served.turn_until(
                lambda: sum(each.held_bytes for each in served.server.active_channels.values()) > 2.1e6
            )
            assert served.server.crowded
            served.after(0)
            served.turn_until(
                lambda: any(each.lingers_since for each in served.server.active_channels.values())
            )
            status, body = parsed(refused.rest(1))
            assert b" 503 " in status
            assert body["error"]["code"] == "overloaded"
            assert len(served.server.active_channels) == 3
            served.after(0)
            assert len(kept) == sum(
                each.request is not None for each in served.server.active_channels.values()
            )


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (post("/", "Content-Length: 70000000"), b"413", "too_large"),
        (post("/", "Content-Length: 70000000", "Expect: 100-continue"), b"413", "too_large"),
        (post("/", "Content-Length: x"), b"400", "malformed_request"),
        (post("/", "Transfer-Encoding: chunked", body=b"zz\r\n"), b"400", "malformed_request"),
        (post("/", "Transfer-Encoding: chunked", body=b"1" * 6000), b"400", "malformed_request"),
        (
            post("/", "Transfer-Encoding: chunked", body=b"0\r\nName: " + b"1" * 6000),
            b"400",
            "malformed_request",
        ),
        (post("/", "Transfer-Encoding: gzip"), b"501", "not_implemented"),
        (post("/", "Name: " + "1" * 70_000), b"431", "too_large"),
        (b"\x16\x03\x01 GET\r\n\r\n", b"400", "malformed_request"),
        (b"GET /\nHost: x\r\n\r\n", b"400", "malformed_request"),
    ],
)
def test_what_is_no_request_is_refused_in_the_shape_of_all_errors(
    sent: bytes, status: bytes, code: str
) -> None:
    with serving(app) as served:
        line, body = parsed(spoken(served, sent, b"}}"))
    assert status in line
    assert (body["success"], body["error"]["code"]) == (False, code)


@pytest.mark.parametrize(
    "kind", ["no body", "half a body", "half a chunk", "half a chunk size", "no last chunk"]
)
def test_a_body_that_ends_early_is_malformed(kind: str) -> None:
    with serving(app) as served, stalled(served.url, SENDERS[kind], 1) as (client,):
        served.settle(1)
        client.end()
        served.turn_until(lambda: not served.server.active_channels)
        status, body = parsed(client.rest(1))
    assert b" 400 " in status
    assert body["error"]["code"] == "malformed_request"
    assert "ends early" in body["error"]["message"]


@pytest.mark.parametrize("count", [1, 2, 50])
@pytest.mark.parametrize("path", ["/a", "/pieces"])
def test_requests_that_come_at_once_are_answered_one_after_another(count: int, path: str) -> None:
    last = get("/last")
    with serving(app) as served:
        said = spoken(served, get(path) * count + last, b"/last 0\n")
    assert said.count(b"HTTP/1.1 200 OK") == count + 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (post("/", "Content-Length: 3", body=b"abc"), b"/ 3\n"),
        (post("/", "Transfer-Encoding: chunked", body=b"2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n"), b"/ 3\n"),
        (post("/", "Content-Length: 3", "Expect: 100-continue", body=b"abc"), b"/ 3\n"),
        (post("/", "Content-Length: 0", "Expect: 100-continue"), b"/ 0\n"),
        (get("/").replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"), b"/ 0\n"),
        (b"GET / HTTP/1.0\r\n\r\n", b"/ 0\n"),
        (b"\r\n\r\n" + get("/"), b"/ 0\n"),
        (post("/", "Content-Length: 600000", body=b"0" * 600_000), b"/ 600000\n"),
    ],
)
def test_requests_in_all_forms_reach_the_app(sent: bytes, said: bytes) -> None:
    with serving(app) as served:
        assert spoken(served, sent, said).endswith(said)


def test_a_process_that_stops_announces_the_end() -> None:
    with serving(app) as served:
        served.server.stop()
        served.server.set_socket(served.listener, served.sockets)
        assert b"Connection: close" in spoken(served, get("/a"), b"/a 0\n")


def test_limits_are_those_that_were_given() -> None:
    limits = replace(LIMITS, connections=3)
    with serving(app, limits) as served, stalled(served.url, StalledKind(b""), 3):
        served.turn_until(lambda: served.server.in_connection_overflow)
