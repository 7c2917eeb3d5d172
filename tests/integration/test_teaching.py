"""Teaching the running service from real photographs; what was taught outlives it. And the command line."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import requests
from PIL import Image

from config.settings import ROOT
from domain.arrays import Rgb
from tests.conftest import png_bytes
from tests.integration.test_jobs import end_workers, workers
from tests.integration.test_search import until_served
from tools.benchmarks.server import Server, running

CAT = [20, 10, 440, 300]
QUICK = {"decode_workers": 1, "model_threads": 1, "log_level": "ERROR"}


def named(service: Server, file_id: str) -> dict[str, Any]:
    entry: dict[str, Any] = service.post("classify", file_id=file_id, vocabulary="home")["results"][0]
    return entry


def test_a_taught_name_is_used_and_kept(tmp_path: Path, photographs: dict[str, Rgb]) -> None:
    chelsea, coffee = photographs["chelsea"], photographs["coffee"]
    kept = {"data_dir": tmp_path / "data", **QUICK}
    with running(processes=2, **kept) as service:
        shown = [service.upload(png_bytes(chelsea[at:, at:].copy())) for at in (0, 12)]
        cup = service.upload(png_bytes(coffee))
        labels = [{"name": "Minka"}, {"name": "zyx"}, "astronaut"]
        service.post("vocabularies", name="home", labels=labels)
        assert named(service, shown[0])["label"] != "Minka"

        labels[0]["examples"] = [{"file_id": shown[0]}, {"file_id": shown[0], "box": CAT}]
        labels[1]["examples"] = [{"file_id": cup}]
        entry = service.post("vocabularies", name="home", labels=labels)["vocabulary"]
        assert (entry["version"], entry["examples"]) == (2, {"Minka": 2, "zyx": 1})
        before = workers(service)
        end_workers(service, signal.SIGKILL)
        until_served(service, before)
        for _ in range(4):
            assert named(service, shown[1])["label"] == "Minka"

    with running(**kept) as service:
        other = service.upload(png_bytes(np.ascontiguousarray(chelsea[20:, 40:])))
        assert named(service, other)["label"] == "Minka"
        assert named(service, service.upload(png_bytes(coffee[10:].copy())))["label"] == "zyx"
        person = service.upload(png_bytes(photographs["astronaut"]))
        assert named(service, person)["label"] not in ("Minka", "zyx")
        box = [max(0, CAT[0] - 40), max(0, CAT[1] - 20), CAT[2] - 40, CAT[3] - 20]
        found = service.segment(other, prompt_type="box", box=box, vocabulary="home", overlay=False)
        assert [label["label"] for label in found["labels"]] == ["Minka"]
        exported = requests.get(f"{service.url}/vocabularies/home", timeout=60).json()
        service.post("vocabularies", **{**exported, "name": "copy"})
        again = requests.get(f"{service.url}/vocabularies/copy", timeout=60).json()
        assert again["labels"] == exported["labels"]


def test_the_command_line(tmp_path: Path, photographs: dict[str, Rgb]) -> None:
    environment = {**os.environ, "SEGLABEL_DATA_DIR": str(tmp_path / "data")}

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "cli.py", *map(str, arguments)]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
        )

    for name, photo in (("Minka", "chelsea"), ("breakfast", "coffee")):
        (tmp_path / "home" / name).mkdir(parents=True)
        for at in (0, 10):
            Image.fromarray(photographs[photo][at:, at:]).save(tmp_path / "home" / name / f"{at}.png")
    done = run("vocabularies", "create", "home", tmp_path / "home")
    assert done.stdout == "home: version 1, 2 labels, 4 examples\n", done.stderr
    assert done.stdout in run("vocabularies", "list").stdout
    assert run("labels", "--vocabulary", "home").stdout == "Minka\nbreakfast\n"

    exported = tmp_path / "home.json"
    assert run("vocabularies", "export", "home", exported).returncode == 0
    assert [len(label["examples"]) for label in json.loads(exported.read_text())["labels"]] == [2, 2]
    copied = run("vocabularies", "import", exported, "--name", "copy")
    assert copied.stdout == "copy: version 1, 2 labels, 4 examples\n"
    assert run("vocabularies", "delete", "home").returncode == 0
    for gone in (("vocabularies", "delete", "home"), ("vocabularies", "export", "home")):
        done = run(*gone)
        assert (done.returncode, "got 'home'" in done.stderr) == (1, True), done.stderr

    (tmp_path / "in").mkdir()
    Image.fromarray(photographs["chelsea"][30:, 30:]).save(tmp_path / "in" / "a.png")
    Image.fromarray(photographs["coffee"][30:, 30:]).save(tmp_path / "in" / "b.png")
    assert "Minka" in run("classify", tmp_path / "in" / "a.png", "--vocabulary", "copy").stdout.split("\n")[0]
    sorted_out = run("categorize", tmp_path / "in", "--vocabulary", "copy", "--copy")
    assert sorted_out.returncode == 0, sorted_out.stderr
    assert {path.name for path in (tmp_path / "in-sorted" / "Minka").iterdir()} == {"a.png"}
    assert {path.name for path in (tmp_path / "in-sorted" / "breakfast").iterdir()} == {"b.png"}
