"""A web server on the loopback interface: answers as a test says, and remembers what it was asked."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Handler"], None]


@dataclass
class Loopback:
    """A running server.

    Attributes:
        url: Its root.
        answers: What the next requests get, in order; the last one stays.
        requests: Path and headers of each request so far.
    """

    url: str
    answers: list[Answer] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def ranges(self) -> list[str | None]:
        """The Range header of each request."""
        return [headers.get("Range") for _, headers in self.requests]


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    loopback: Loopback
    lock: threading.Lock

    def do_GET(self) -> None:
        with self.lock:
            self.loopback.requests.append((self.path, dict(self.headers)))
            answers = self.loopback.answers
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        with suppress(ConnectionError, ssl.SSLError):  # The client may hang up first.
            answer(self)

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send a whole answer; Content_Length stands for Content-Length, and so on."""
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Loopback]:
    """A server on a free port, until the block ends; `tls` makes it one of https."""
    handler = type("OneHandler", (Handler,), {"lock": threading.Lock()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    root = f"http{'s' * (tls is not None)}://127.0.0.1:{server.server_port}"
    handler.loopback = Loopback(root)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield handler.loopback  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def whole(body: bytes, etag: str | None = '"v1"') -> Answer:
    """All of `body`, or the range asked for where If-Range allows it, as a good server answers."""

    def answer(handler: Handler) -> None:
        headers = {"ETag": etag} if etag else {}
        asked, version = handler.headers.get("Range"), handler.headers.get("If-Range")
        if asked is None or version not in (None, etag):
            handler.reply(200, body, **headers)
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        ranged = f"bytes {start}-{len(body) - 1}/{len(body)}"
        handler.reply(206, body[start:], Content_Range=ranged, **headers)

    return answer


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    """Always the same."""
    return lambda handler: handler.reply(code, body, **headers)


def broken(body: bytes, sent: int, etag: str = '"v1"') -> Answer:
    """Announces all of `body` and hangs up after `sent` bytes."""
    return lambda handler: handler.reply(200, body[:sent], Content_Length=str(len(body)), ETag=etag)


def unsized(body: bytes) -> Answer:
    """`body` without a word of its length."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def dripping(head: bytes, piece: bytes, every_s: float = 0.02) -> Answer:
    """`head`, and then `piece` again and again, until the client hangs up."""

    def answer(handler: Handler) -> None:
        handler.wfile.write(head)
        while True:
            handler.wfile.write(piece)
            time.sleep(every_s)

    return answer


def ignoring_ranges(body: bytes) -> Answer:
    """All of `body`, whatever was asked for."""
    return status(200, body)
