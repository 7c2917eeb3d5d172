"""Starts the real service in a process of its own, and sends requests to it."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from config.settings import ROOT

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

PNG_HEAD_BYTES = len(PNG_SIGNATURE) + 25
"""Bytes of the signature and the chunk IHDR."""

PATIENCE_S = 120
"""Seconds to wait for the service to become ready, and for each answer."""


@dataclass(frozen=True)
class Server:
    """A running service.

    Attributes:
        url: Root of its URLs.
        pid: Id of the master process of gunicorn.
    """

    url: str
    pid: int

    def upload(self, data: bytes) -> str:
        """Upload an image as a file of its own, about which nothing is cached, and return its file_id."""
        answer = requests.post(f"{self.url}/upload", data=unique_file(data), timeout=PATIENCE_S)
        answer.raise_for_status()
        file_id: str = answer.json()["file_id"]
        return file_id

    def segment(self, file_id: str, **options: Any) -> dict[str, Any]:
        """Return the answer of /segment."""
        return self.post("segment", file_id=file_id, **options)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Return the answer of a POST request with a JSON body."""
        answer = requests.post(f"{self.url}/{path}", json=body, timeout=PATIENCE_S)
        answer.raise_for_status()
        parsed: dict[str, Any] = answer.json()
        return parsed

    def memory_mb(self, field: str) -> float:
        """Return `VmRSS` (now) or `VmHWM` (peak) of the largest process of the service, in MiB."""
        pids = [self.pid, *_children(self.pid)]
        return max(_status_kb(pid, field) for pid in pids) / 1024


def unique_file(data: bytes) -> bytes:
    """Return a JPEG or PNG file with the same pixels and bytes of its own.

    A JPEG file gets a comment behind its first marker (ITU-T T.81, B.2.4.5), a PNG file a chunk tEXt behind
    IHDR.

    Raises:
        ValueError: It is a file of another format.
    """
    note = secrets.token_hex(16).encode()
    if data.startswith(b"\xff\xd8"):
        return data[:2] + b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note + data[2:]
    if data.startswith(PNG_SIGNATURE):
        chunk = b"tEXtComment\0" + note
        checked = chunk + zlib.crc32(chunk).to_bytes(4, "big")
        return data[:PNG_HEAD_BYTES] + (len(chunk) - 4).to_bytes(4, "big") + checked + data[PNG_HEAD_BYTES:]
    raise ValueError(f"expected a JPEG or PNG file, got one that begins with {data[:8]!r}")


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _status_kb(pid: int, field: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))


@contextmanager
def running(**settings: object) -> Iterator[Server]:
    """Run the service during the block, on a free port of 127.0.0.1 with a data directory of its own.

    Args:
        **settings: Settings of the service by their names in lower case.

    Raises:
        RuntimeError: The service does not become ready within PATIENCE_S.
    """
    with socket.socket() as probe, tempfile.TemporaryDirectory() as data:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        sent = {"port": port, "data_dir": data, "log_level": "WARNING", **settings}
        environment = {**os.environ, **{f"SEGLABEL_{key.upper()}": str(value) for key, value in sent.items()}}
        process = subprocess.Popen([sys.executable, "cli.py", "serve"], cwd=ROOT, env=environment)
        try:
            yield _ready(Server(f"http://127.0.0.1:{port}", process.pid), process)
        finally:
            process.terminate()
            process.wait(30)


def _ready(server: Server, process: "subprocess.Popen[bytes]") -> Server:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{server.url}/ready", timeout=5).ok:
                return server
        except (requests.ConnectionError, requests.Timeout):
            pass
        time.sleep(0.1)
    raise RuntimeError(f"the service did not become ready within {PATIENCE_S} s")
