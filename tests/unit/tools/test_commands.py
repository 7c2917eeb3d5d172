"""Every command of tools/ is run by a test, so that a rename cannot break one unnoticed."""

from pathlib import Path

from config.settings import ROOT

TESTS = Path(__file__).parent


def _commands() -> set[str]:
    """The modules of tools/ that `python -m` runs."""
    paths = [path for path in (ROOT / "tools").rglob("*.py") if '__name__ == "__main__"' in path.read_text()]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths}


def test_every_command_is_run_by_a_test() -> None:
    tests = "".join(path.read_text() for path in TESTS.rglob("test_*.py"))
    assert len(_commands()) > 20
    assert {command for command in _commands() if f'"{command}"' not in tests} == set()
