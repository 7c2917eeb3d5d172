"""cli.py models, run as a user runs it, against a server on the loopback interface."""

import hashlib
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import ROOT
from tests.loopback import Answer, Handler, Loopback, serving, status, whole

BODY = random.Random(1).randbytes(400_000)
PROXIES = {f"{kind}_PROXY" for kind in ("HTTP", "HTTPS", "ALL", "NO")}


@pytest.fixture
def web() -> Iterator[Loopback]:
    """A server."""
    with serving() as loopback:
        yield loopback


class CommandLine:
    """cli.py with a manifest of one model `tiny`, in profile `small`, and a directory of its own."""

    def __init__(self, directory: Path, url: str) -> None:
        self.checkpoints = directory / "checkpoints"
        self.target = self.checkpoints / "net.pt"
        manifest = directory / "models.toml"
        manifest.write_text(
            '[profiles.small]\nsegmenter = "tiny"\nlabeller = "tiny"\ntext = "tiny"\ndepth = "tiny"\n'
            '[models.tiny]\nadapter = "sam2"\narchitecture = "sam2.1_hiera_t"\n[[models.tiny.files]]\n'
            f'role = "checkpoint"\nname = "net.pt"\nbytes = {len(BODY)}\nlicence = "MIT"\n'
            f'origin = "the test"\nsha256 = "{hashlib.sha256(BODY).hexdigest()}"\nurl = "{url}/net.pt"\n'
        )
        kept = {name: value for name, value in os.environ.items() if name.upper() not in PROXIES}
        self.environment = {
            **kept,
            "SEGLABEL_MANIFEST": str(manifest),
            "SEGLABEL_CHECKPOINT_DIR": str(self.checkpoints),
            "PYTHONUNBUFFERED": "1",
        }

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "cli.py", "models", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit status, output, errors."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err


@pytest.fixture
def cli(tmp_path: Path, web: Loopback) -> CommandLine:
    return CommandLine(tmp_path, web.url)


def halting(released: threading.Event, arrived: threading.Event | None = None) -> Answer:
    """The first half at once, the second when `released`."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(BODY)))
        handler.send_header("ETag", '"v1"')
        handler.end_headers()
        handler.wfile.write(BODY[: len(BODY) // 2])
        if arrived:
            arrived.set()
        released.wait(120)
        handler.wfile.write(BODY[len(BODY) // 2 :])

    return answer


def test_list_pull_verify(cli: CommandLine, web: Loopback) -> None:
    web.answers = [whole(BODY)]
    assert "missing       small" in cli.run("list")[1]
    code, out, err = cli.run("pull", "small")
    assert (code, err) == (0, "")
    assert "net.pt: 0.4 MB\n" in out
    assert "net.pt: 100 %\n" in out
    assert f"tiny: {cli.target}" in out
    assert cli.target.read_bytes() == BODY
    assert "all files are here already" in cli.run("pull", "tiny")[1]
    assert len(web.requests) == 1
    listed = cli.run("list")[1].splitlines()[1].split()
    assert listed == ["tiny", "net.pt", "0.4", "MIT", "present", "small"]
    assert cli.run("verify", "tiny") == (0, "tiny: net.pt is right\n", "")


def test_verify_finds_what_is_damaged_or_missing(cli: CommandLine) -> None:
    assert cli.run("verify") == (0, "", "")
    code, out, err = cli.run("verify", "tiny")
    assert code == 1
    assert "net.pt is missing" in out
    assert "1 of 1 files are missing or damaged" in err
    cli.checkpoints.mkdir()
    cli.target.write_bytes(BODY[:-1] + b"?")
    code, out, err = cli.run("verify")
    assert code == 1
    assert "damaged: expected sha256" in out


def test_errors_are_one_line(cli: CommandLine, web: Loopback) -> None:
    web.answers = [status(404)]
    code, _, err = cli.run("pull", "tiny")
    assert code == 1
    assert err.startswith(f"Error: net.pt: {web.url}/net.pt answered 404 Not Found; ")
    assert "did you mean tiny?" in cli.run("pull", "tinny")[2]
    cli.environment["SEGLABEL_OFFLINE"] = "true"
    assert "SEGLABEL_OFFLINE forbids" in cli.run("pull", "tiny")[2]
    assert len(web.requests) == 1
    cli.environment["SEGLABEL_MANIFEST"] = "nowhere.toml"
    assert "Error: manifest nowhere.toml" in cli.run("list")[2]


def test_a_pull_from_a_local_directory(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "net.pt").write_bytes(BODY)
    assert cli.run("pull", "tiny", "--from", str(tmp_path))[0] == 0
    assert cli.target.read_bytes() == BODY


def test_a_pull_killed_half_way_goes_on_from_there(cli: CommandLine, web: Loopback) -> None:
    released = threading.Event()
    web.answers = [halting(released), whole(BODY)]
    process = cli.start("pull", "tiny")
    assert process.stdout is not None
    for line in process.stdout:
        if line == "net.pt: 40 %\n":
            break
    process.kill()
    process.communicate()
    released.set()
    assert not cli.target.exists()
    kept = (cli.checkpoints / "net.pt.part").stat().st_size
    assert 0 < kept < len(BODY)
    assert f"partial {100 * kept // len(BODY)} %" in cli.run("list")[1]
    code, out, err = cli.run("pull", "tiny")
    assert code == 0, err
    assert f"resumed at {kept / 1e6:.1f} MB" in out
    assert web.ranges == [None, f"bytes={kept}-"]
    assert cli.target.read_bytes() == BODY
    assert {path.name for path in cli.checkpoints.iterdir()} <= {"net.pt", ".net.pt.lock"}


def test_two_pulls_at_once_fetch_once(cli: CommandLine, web: Loopback) -> None:
    released, arrived = threading.Event(), threading.Event()
    web.answers = [halting(released, arrived)]
    first = cli.start("pull", "tiny")
    assert arrived.wait(120)
    second = cli.start("pull", "tiny")
    assert second.stderr is not None
    assert "waiting for another process" in second.stderr.readline()
    released.set()
    assert "net.pt" in first.communicate(timeout=120)[0]
    assert "all files are here already" in second.communicate(timeout=120)[0]
    assert (first.returncode, second.returncode) == (0, 0)
    assert len(web.requests) == 1
    assert cli.target.read_bytes() == BODY


def test_serving_loads_no_http_client() -> None:
    # Loaded here and not by create_app's own threads, which a process that ends at once would cut short.
    code = (
        "import sys, app, bootstrap; from config.settings import Settings; "
        "services = bootstrap.build_services(Settings()); "
        "models = services.models; models.segmenter.get(), models.labeller.get(); "
        "app.create_app(Settings(), services); "
        "print({'requests', 'filelock', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
