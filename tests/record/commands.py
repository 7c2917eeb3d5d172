"""Runs the command line of a checkout, and records what it prints and what it writes."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.record.checkout import command, environment
from tests.record.help_page import parsed
from tests.record.images import images
from tests.record.normalise import Normaliser, digest, image_facts, npy_facts
from tests.record.steps import CHAINS, HELP, Step

DATA = "data"
"""Name of the data directory of a chain, beside its folder."""

MODIFIED_S = 1_700_000_000
"""Time of the photographs' last change; names of thumbnails depend on it."""

PROCESSES = 2
"""Commands that run at once."""

NOISE = re.compile(r"\d{4}-\d\d-\d\d |.*\d%\||.*photo/s|.*s/photo|.*photo \[|\s*$")
"""Lines of standard error that differ in every run: logs and progress bars."""


def commands(checkout: Path) -> dict[str, Any]:
    """Return the exact record of the command line of a checkout."""
    with ThreadPoolExecutor(PROCESSES) as pool:
        chains = pool.map(lambda name: _run_chain(checkout, name), CHAINS)
        pages = pool.map(lambda words: _help(checkout, words), HELP)
        found = {name: answer for chain in chains for name, answer in chain.items()}
        return {**found, **{f"help/{words}": page for words, page in zip(HELP, pages, strict=True)}}


def _help(checkout: Path, words: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        done = command(checkout, environment(Path(folder)), *words.split(), "--help")
    return {"status": done.returncode, **parsed(done.stdout), "help": done.stdout}


def _run_chain(checkout: Path, name: str) -> dict[str, Any]:
    """Run the steps of a chain, which share a folder for photographs and answers, and a data directory."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder).resolve() / "work"
        _lay_out(work, images(checkout / "examples"))
        variables = environment(work.with_name(DATA))
        return {f"{name}/{key}": _run(checkout, variables, work, step) for key, step in CHAINS[name].items()}


def _lay_out(work: Path, files: Mapping[str, bytes]) -> None:
    """Write the photographs that the steps are about."""
    for place, name in {
        "photos/cat.jpg": "cat",
        "photos/inner/photo.jpg": "photo",
        "mixed/broken.jpg": "cut",
        "mixed/small.png": "small cat",
        "mixed/notes.txt": "prose",
        "taught/Minka/cat.jpg": "cat",
        "taught/cup_of_coffee/photo.jpg": "photo",
        "blurred.png": "blurred cat",
        "page.png": "page",
        "empty/notes.txt": "prose",
    }.items():
        (work / place).parent.mkdir(parents=True, exist_ok=True)
        (work / place).write_bytes(files[name])
        os.utime(work / place, (MODIFIED_S, MODIFIED_S))


def _run(checkout: Path, variables: Mapping[str, str], work: Path, step: Step) -> dict[str, Any]:
    for name in step.removes:
        path = work / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    before = _digests(work)
    done = command(checkout, variables, *(word.replace("<work>", str(work)) for word in step.arguments))
    places = {work: "<work>", work.with_name(DATA): "<data>", checkout: "<checkout>"}
    normaliser = Normaliser({str(path): name for path, name in places.items()})
    after = _digests(work)
    changed = [path for path in after if before.get(path) != after[path]]
    found = {
        "status": done.returncode,
        **_printed(done.stdout, normaliser),
        "stderr": normaliser.text(_messages(done.stderr)),
        "written": {str(path.relative_to(work)): _file(path, normaliser) for path in changed},
        "gone": [str(path.relative_to(work)) for path in before if path not in after],
    }
    return {name: value for name, value in found.items() if value not in ("", {}, [])}


def _printed(text: str, normaliser: Normaliser) -> dict[str, Any]:
    """Return standard output as lines, or as JSON where it is that."""
    if text.startswith("{"):
        return {"json": normaliser.value(json.loads(text))}
    return {"stdout": normaliser.text(text).splitlines()}


def _messages(text: str) -> str:
    return "\n".join(line for line in re.split(r"[\r\n]+", text) if not NOISE.match(line))


def _digests(work: Path) -> dict[Path, str]:
    """Return all files of a folder and where links lead, in the order of their paths."""
    paths: Sequence[Path] = sorted(work.rglob("*"))
    links = {path: f"link to {path.readlink()}" for path in paths if path.is_symlink()}
    return {path: links.get(path) or digest(path.read_bytes()) for path in paths if not path.is_dir()}


def _file(path: Path, normaliser: Normaliser) -> Any:
    """Describe a file that a command wrote."""
    if path.is_symlink():
        return {"link": normaliser.text(str(path.readlink()))}
    data = path.read_bytes()
    match path.suffix:
        case ".json":
            return normaliser.value(json.loads(data))
        case ".csv":
            return {"lines": normaliser.text(data.decode()).splitlines()}
        case ".png":
            return image_facts(data, "image/png")
        case ".npy":
            return npy_facts(data)
        case ".jpg":
            return {"exact": digest(data)}
    return {}
