"""Clients that stall: they stop or drip while they send a request, or do not read the answer."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import urlsplit

SMALL_BUFFER_BYTES = 4096
"""Receive buffer of a client that does not read, so that its answer remains with the service."""


@dataclass(frozen=True)
class StalledKind:
    """One way to stall.

    Attributes:
        sent: Bytes that the client sends at once.
        dripped: Bytes that it sends afterwards, one each interval, from the start again at their end.
        read: Whether it reads what the service sends.
    """

    sent: bytes
    dripped: bytes = b""
    read: bool = True


def post(path: str, *headers: str, body: bytes = b"") -> bytes:
    """Return a POST request; `body` may be a part of what its headers announce."""
    lines = (f"POST {path} HTTP/1.1", "Host: stalled", *headers, "", "")
    return "\r\n".join(lines).encode() + body


def get(path: str) -> bytes:
    """Return a GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: stalled\r\n\r\n".encode()


SENDERS = {
    "sends nothing": StalledKind(b""),
    "half a request line": StalledKind(b"POST /upl"),
    "dripped request line": StalledKind(b"", dripped=b"POST /upload-of-a-photograph"),
    "half the headers": StalledKind(b"POST /upload HTTP/1.1\r\nHost: stalled\r\nContent-Le"),
    "dripped headers": StalledKind(b"POST /upload HTTP/1.1\r\n", dripped=b"X-Name: value\r\n"),
    "no body": StalledKind(post("/upload", "Content-Length: 100000")),
    "half a body": StalledKind(post("/upload", "Content-Length: 100000", body=b"0" * 50_000)),
    "half a large body": StalledKind(post("/upload", "Content-Length: 1000000", body=b"0" * 500_000)),
    "half a JSON body": StalledKind(
        post("/segment", "Content-Type: application/json", "Content-Length: 1000", body=b'{"file_id"')
    ),
    "half a refused body": StalledKind(post("/nowhere", "Content-Length: 100000", body=b"0" * 50_000)),
    "half a body that is too large": StalledKind(
        post("/upload", "Content-Length: 60000000", body=b"0" * 500_000)
    ),
    "dripped body": StalledKind(post("/upload", "Content-Length: 100000"), dripped=b"0"),
    "half a chunk": StalledKind(
        post("/upload", "Transfer-Encoding: chunked", body=b"1000\r\n" + b"0" * 1000)
    ),
    "half a chunk size": StalledKind(post("/upload", "Transfer-Encoding: chunked", body=b"4\r\n0000\r\n1")),
    "dripped chunks": StalledKind(post("/upload", "Transfer-Encoding: chunked"), dripped=b"1\r\n0\r\n"),
    "no last chunk": StalledKind(post("/upload", "Transfer-Encoding: chunked", body=b"4\r\n0000\r\n")),
    "expects 100 and is silent": StalledKind(post("/upload", "Content-Length: 1000", "Expect: 100-continue")),
    "idle after an answer": StalledKind(get("/health")),
}
"""Clients whose request does not end, by name."""


def readers(file_id: str, job_id: str) -> dict[str, StalledKind]:
    """Return clients that do not read, by name.

    Args:
        file_id: Id of an image whose answer of /segment is larger than the buffers of a connection.
        job_id: Id of a job that runs for longer than the clients are watched.
    """
    body = f'{{"file_id": "{file_id}", "max_masks": 3, "classify": false}}'.encode()
    segment = post("/segment", "Content-Type: application/json", f"Content-Length: {len(body)}", body=body)
    return {
        "unread answer": StalledKind(segment, read=False),
        "unread events": StalledKind(get(f"/jobs/{job_id}/events"), read=False),
        "unread answers, one after another": StalledKind(get("/openapi.json") * 20, read=False),
    }


class StalledClient:
    """One connection.

    Args:
        url: Root of the service.
        kind: Way in which the client stalls.
    """

    def __init__(self, url: str, kind: StalledKind) -> None:
        address = urlsplit(url)
        self._socket = socket.socket()
        if not kind.read:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
        self._socket.settimeout(5)
        self._socket.connect((address.hostname, address.port))
        self._drips = cycle(kind.dripped[at : at + 1] for at in range(len(kind.dripped)))
        self._dripping = bool(kind.dripped)
        with contextlib.suppress(OSError):  # The service may refuse while the client still sends.
            self._socket.sendall(kind.sent)

    def drip(self) -> None:
        """Send one more byte, if clients of this kind do."""
        if self._dripping:
            with contextlib.suppress(OSError):
                self._socket.send(next(self._drips))

    def end(self) -> None:
        """Announce that nothing more will be sent, and keep reading."""
        self._socket.shutdown(socket.SHUT_WR)

    def rest(self, timeout_s: float) -> bytes:
        """Return everything that the service sends until it closes the connection.

        Raises:
            TimeoutError: The service sends nothing for `timeout_s` seconds and keeps the connection open.
        """
        self._socket.settimeout(timeout_s)
        pieces = []
        with contextlib.suppress(ConnectionError):
            while piece := self._socket.recv(65536):
                pieces.append(piece)
        return b"".join(pieces)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


@contextmanager
def stalled(
    url: str, kind: StalledKind, count: int, interval_s: float = 1.0
) -> Iterator[list[StalledClient]]:
    """Keep `count` clients of a kind connected during the block; dripping ones send a byte each interval."""
    clients = [StalledClient(url, kind) for _ in range(count)]
    over = threading.Event()

    def drip() -> None:
        while not over.wait(interval_s):
            for client in clients:
                client.drip()

    dripper = threading.Thread(target=drip)
    dripper.start()
    try:
        yield clients
    finally:
        over.set()
        dripper.join()
        for client in clients:
            client.close()
