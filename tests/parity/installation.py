"""Installation of a user of published checkpoints: a hub to pull from, and a directory."""

import functools
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.manifest import Manifest
from config.settings import ROOT, Settings
from models.store.verify import file_sha256


@dataclass(frozen=True)
class Hub:
    """Hub: a directory with the files of published models, and the url that serves it."""

    directory: Path
    url: str

    def manifest(self, models: Sequence[str]) -> str:
        """The shipped manifest with size, hash and url of the hub's files in place of the published ones."""
        shipped = Settings().manifest
        text = shipped.read_text(encoding="utf-8")
        for file in (file for spec in Manifest(shipped).select(models) for file in spec.files):
            path = self.directory / file.name
            text = text.replace(str(file.url), f"{self.url}/{file.name}")
            text = text.replace(f"{file.bytes:_}", str(path.stat().st_size))
            text = text.replace(file.sha256, file_sha256(path))
        return text


@contextmanager
def serving(directory: Path) -> Iterator[Hub]:
    """Serve the directory on the loopback interface."""
    handler = functools.partial(_Quiet, directory=str(directory))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Hub(directory, f"http://127.0.0.1:{server.server_address[1]}")
        server.shutdown()


@dataclass(frozen=True)
class Installation:
    """Installation that the commands of one user work with.

    Attributes:
        settings: Of a profile, with a manifest and a directory of its own.
    """

    settings: dict[str, str]

    @classmethod
    def of(cls, home: Path, profile: str, manifest: str) -> "Installation":
        """One with nothing pulled yet."""
        path = home / "models.toml"
        path.write_text(manifest, encoding="utf-8")
        directories = {"checkpoint_dir": home / "checkpoints", "data_dir": home / "data", "manifest": path}
        return cls({"profile": profile, **{name: str(path) for name, path in directories.items()}})

    def command(self, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """`python cli.py ...` with these settings."""
        return self._run("cli.py", *arguments, **settings)

    def python(self, code: str, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """`python -c code ...` with them."""
        return self._run("-c", code, *arguments, **settings)

    def _run(self, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        sent = {f"SEGLABEL_{name.upper()}": value for name, value in {**self.settings, **settings}.items()}
        kept = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**kept, **sent},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: Any) -> None:
        pass
