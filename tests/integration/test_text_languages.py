"""Reading another script: by setting, pulled from a server on the loopback interface, named in the answer."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from bootstrap import build_services
from config.manifest import Manifest
from config.settings import ROOT, Settings
from domain.errors import ModelUnavailable
from models.store.weights import WeightStore
from services.overlay.tags import BUNDLED_FONT
from tests.loopback import Loopback, serving, whole

PULL = "python cli.py models pull pp-ocrv5-korean"


@pytest.fixture
def web() -> Iterator[Loopback]:
    """A server."""
    with serving() as loopback:
        yield loopback


@pytest.fixture
def bundled() -> bytes:
    """The recognizer of the package, which the tests publish under other names."""
    store = WeightStore(Path("unused"), Path("unused"))
    reader = Manifest(Settings().manifest).models["pp-ocrv6-small"]
    return store.ensure(reader, "recognizer").read_bytes()


def published(url: str, directory: Path) -> Path:
    """The manifest, its recognizers of other languages being the bundled one, at `url`, of unstated size."""
    text = Settings().manifest.read_text(encoding="utf-8")
    reader = Manifest(Settings().manifest).models["pp-ocrv6-small"]
    entry = r'(name = "[\w-]+_rec_mobile\.onnx"\n)(?:bytes = \d[\d_]*\n)?sha256 = "\w+"(\n.*\n.*\n)url = ".*/'
    replacement = rf'\1sha256 = "{reader.file("recognizer").sha256}"\2url = "{url}/'
    path = directory / "models.toml"
    changed, count = re.subn(entry, replacement, text)
    assert count > 10
    path.write_text(changed, encoding="utf-8")
    return path


def page(text: str, path: Path) -> Path:
    """Black on white."""
    image = Image.new("RGB", (360, 80), "white")
    ImageDraw.Draw(image).text((20, 20), text, "black", ImageFont.truetype(str(BUNDLED_FONT), 32))
    image.save(path)
    return path


def run(settings: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
    return subprocess.run(
        [sys.executable, "cli.py", *arguments],
        cwd=ROOT,
        env={**kept, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_another_language_is_pulled_and_answers(tmp_path: Path, web: Loopback, bundled: bytes) -> None:
    web.answers = [whole(bundled)]
    photo, answer = page("Hello reader", tmp_path / "page.png"), tmp_path / "page.json"
    settings = {
        "SEGLABEL_MANIFEST": str(published(web.url, tmp_path)),
        "SEGLABEL_CHECKPOINT_DIR": str(tmp_path / "checkpoints"),
        "SEGLABEL_TEXT_LANGUAGE": "korean",
    }
    missing = run(settings, "text", str(photo))
    assert missing.returncode == 1
    assert f"fetch it with `{PULL}`" in missing.stderr
    pulled = run(settings, "models", "pull", "embedded")
    assert pulled.returncode == 0, pulled.stderr
    assert "korean_PP-OCRv5_rec_mobile.onnx: 21.2 MB" in pulled.stdout
    assert [path for path, _ in web.requests] == ["/korean_PP-OCRv5_rec_mobile.onnx"]
    listed = run(settings, "models", "list").stdout
    assert re.search(r"pp-ocrv5-korean +korean_\S+ +21\.2 +Apache-2\.0 +present +embedded", listed)
    assert re.search(r"pp-ocrv5-thai +th_\S+ +\? +Apache-2\.0 +missing\n", listed)
    read = run(settings, "text", str(photo), "--json", str(answer))
    assert read.returncode == 0, read.stderr
    said = json.loads(answer.read_text())
    assert said["text"] == "Hello reader"
    assert said["models"]["text"]["name"] == "pp-ocrv5-korean"


def test_readiness_says_what_fetches_a_missing_language(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, checkpoint_dir=tmp_path, text_language="ko")
    reader = build_services(settings).models.text
    with pytest.raises(ModelUnavailable):
        reader.get()
    assert f"fetch it with `{PULL}`" in reader.state


def test_a_line_that_runs_to_the_left(tmp_path: Path, bundled: bytes) -> None:
    (tmp_path / "arabic_PP-OCRv5_rec_mobile.onnx").write_bytes(bundled)
    manifest = published("http://nowhere.test", tmp_path)
    photo = page("first, second", tmp_path / "page.png")
    settings = {"SEGLABEL_MANIFEST": str(manifest), "SEGLABEL_CHECKPOINT_DIR": str(tmp_path)}
    assert run(settings, "text", str(photo)).stdout == "first, second\n"
    assert run({**settings, "SEGLABEL_TEXT_LANGUAGE": "ar"}, "text", str(photo)).stdout == " second,first\n"


@pytest.mark.parametrize(
    "arguments", [("models", "pull", "embedded"), ("text", "examples/cat.jpg"), ("serve",)]
)
def test_an_unknown_language_is_refused_with_those_known(arguments: tuple[str, ...]) -> None:
    refused = run({"SEGLABEL_TEXT_LANGUAGE": "klingon"}, *arguments)
    assert refused.returncode != 0
    assert "text_language: expected default or one of ab, " in refused.stderr
    assert ", korean, " in refused.stderr
