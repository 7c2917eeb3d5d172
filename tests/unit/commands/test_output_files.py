"""An output never takes something away: what was there before stays where it cannot be written."""

import os
from pathlib import Path
from unittest.mock import Mock

import click
import pytest

from commands.output import Output as CommandOutput
from commands.output import OutputPath, OutputPlan, replace_file
from commands.photographs import FileBatch


def test_a_file_that_cannot_be_written_keeps_what_it_had(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b"before")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "replace", Mock(side_effect=OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space"):
            replace_file(file, b"after")
    assert file.read_bytes() == b"before"
    assert [*tmp_path.iterdir()] == [file]
    replace_file(file, b"after")
    assert file.read_bytes() == b"after"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "b.json", tmp_path / "a.json"
    target.write_bytes(b"before")
    link.symlink_to(target)
    replace_file(link, b"after")
    assert link.is_symlink()
    assert target.read_bytes() == b"after"


def test_a_device_is_written_to() -> None:
    replace_file(Path(os.devnull), b"gone")


@pytest.mark.parametrize(
    ("option", "ending", "name"),
    [
        ("--out", ".png", "b.jpg"),
        ("--out", ".png", "B.HEIC"),
        ("--json", ".json", "b.png"),
        ("--json", ".json", "b.jpg"),
    ],
)
def test_the_name_of_a_photograph_is_no_output(tmp_path: Path, option: str, ending: str, name: str) -> None:
    photograph = tmp_path / "a.jpg"
    photograph.write_bytes(b"")
    batch = FileBatch.of([photograph], "WARNING")
    with pytest.raises(click.UsageError, match=f"{option}: expected a name that ends with {ending}"):
        OutputPlan.of(batch, CommandOutput(option, tmp_path / name, ending))


def test_an_empty_path_is_refused() -> None:
    with pytest.raises(click.BadParameter, match="empty"):
        OutputPath().convert("", None, None)
