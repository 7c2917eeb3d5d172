"""Does the same with every photograph of a command: a bar for several, broken ones told at the end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click
from tqdm import tqdm

from app import configure_logging
from commands.photographs import photographs
from domain.errors import ServiceError

T = TypeVar("T")


@dataclass(frozen=True)
class Batch:
    """The photographs of one command.

    Attributes:
        files: At least one.
        several: Whether answers go into folders: there are more files, or a folder was named.
    """

    files: Sequence[Path]
    several: bool

    @classmethod
    def of(cls, paths: Sequence[Path], log_level: str) -> "Batch":
        """The photographs at `paths`; for several of them only warnings are logged, beside the bar."""
        files = photographs(paths)
        several = len(files) > 1 or any(path.is_dir() for path in paths)
        configure_logging("WARNING" if several else log_level)
        return cls(files, several)

    def each(self, done: str, answer: Callable[[Path], T], save: Callable[[T, Path], None]) -> None:
        """Answer and save one after the other; `done` says in the end what could not be done.

        Raises:
            click.ClickException: Some photographs could not be answered; the others are saved.
        """
        broken = 0
        for file in tqdm(self.files, unit="photo", disable=not self.several):
            try:
                answered = answer(file)
            except (ServiceError, OSError) as error:
                broken += 1
                click.echo(f"\n{file}: {error}", err=True)
                continue
            save(answered, file)
        if broken:
            raise click.ClickException(f"{broken} of {len(self.files)} photographs could not be {done}")
