"""Runs the commands of tools/ in this process, in their smallest form."""

import logging
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import cv2
import pytest
import torch

Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Run]:
    """Calls `main` of a module with arguments, as `python -m` does, and returns what it prints.

    What the command sets for the whole process is undone.
    """
    monkeypatch.setenv("SEGLABEL_DATA_DIR", str(tmp_path / "data"))
    level, threads, cv2_threads = logging.getLogger().level, torch.get_num_threads(), cv2.getNumThreads()
    state = torch.get_rng_state()

    def call(module: str, *arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", [module, *map(str, arguments)])
        import_module(module).main()
        return capsys.readouterr().out

    yield call
    logging.getLogger().setLevel(level)
    torch.set_num_threads(threads)
    torch.set_rng_state(state)
    cv2.setNumThreads(cv2_threads)
