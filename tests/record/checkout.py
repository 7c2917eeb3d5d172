"""Runs the product of a checkout: its service on a free port, and its command line."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.record.images import MAX_IMAGE_PIXELS, MAX_UPLOAD_BYTES

PATIENCE_S = 300


def environment(data_dir: Path, **settings: object) -> dict[str, str]:
    """Return environment variables with these settings and no others of the product."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SEGLABEL_") and name != "PYTHONPATH"
    }
    sent = {"data_dir": data_dir, "checkpoint_dir": data_dir / "checkpoints", **settings}
    return {**kept, "COLUMNS": "200"} | {f"SEGLABEL_{key.upper()}": str(value) for key, value in sent.items()}


@contextmanager
def serving(checkout: Path) -> Iterator[str]:
    """Start the service of the checkout, give its URL once all models are loaded, and end it afterwards.

    Raises:
        RuntimeError: It does not become ready.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "port": _free_port(),
            "log_level": "WARNING",
            "max_upload_bytes": MAX_UPLOAD_BYTES,
            "max_image_pixels": MAX_IMAGE_PIXELS,
        }
        process = subprocess.Popen(
            [sys.executable, "cli.py", "serve"], cwd=checkout, env=environment(Path(folder), **settings)
        )
        try:
            yield _ready(f"http://127.0.0.1:{settings['port']}", process)
        finally:
            process.terminate()
            process.wait(30)


def command(
    checkout: Path, variables: Mapping[str, str], *arguments: str
) -> "subprocess.CompletedProcess[str]":
    """Run `python cli.py` with these arguments in the checkout."""
    return subprocess.run(
        [sys.executable, "cli.py", *arguments],
        cwd=checkout,
        env=dict(variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _ready(url: str, process: "subprocess.Popen[bytes]") -> str:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{url}/ready", timeout=5).ok:
                return url
        except (requests.ConnectionError, requests.Timeout):
            pass
        time.sleep(0.1)
    raise RuntimeError(f"the service did not become ready within {PATIENCE_S} s")
