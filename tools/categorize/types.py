"""What the services need from outside, as Protocols. Implementations live in models/ and adapters/."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from tools.categorize.folder_types import Deed, Listing, PhotoFile


class PhotoFolder(Protocol):
    """A folder of photographs, and the folder they are sorted into. Overwrites nothing, loses no source."""

    def listing(self, recursive: bool) -> Listing:
        """What lies in the folder, and with `recursive` below it; links to folders are not followed."""

    def read(self, file: PhotoFile) -> bytes:
        """Its bytes.

        Raises:
            OSError: It cannot be read.
        """

    def taken(self, target: str) -> bool:
        """Whether something has the name `target`, a path from the second folder on."""

    def put(self, file: PhotoFile, target: str, deed: Deed) -> None:
        """Copy, move or link the file to `target`: afterwards all of it is there.

        Raises:
            FileExistsError: The name is taken.
            OSError: It cannot be done; the source is as it was.
        """

    def finish(self, file: PhotoFile, target: str, deed: Deed) -> bool:
        """Finish a `put` that may have been interrupted anywhere; False where it must be done anew."""


class SortingNotes(Protocol):
    """What one sorting of a folder notes down, so that an interrupted one can go on."""

    @property
    def keeps(self) -> bool:
        """Whether anything is kept at all."""

    def lines(self) -> Iterator[str]:
        """All lines noted so far, without their ends; of one that was cut off by a crash, nothing."""

    def add(self, line: str) -> None:
        """Note a line; it outlives this process from now on."""

    def put_thumbnail(self, key: str, jpeg: bytes) -> None:
        """Keep a small picture."""

    def thumbnail(self, key: str) -> bytes | None:
        """The small picture under `key`, a JPEG file; None where there is none."""

    def write(self, name: str, text: Iterable[str]) -> None:
        """Write a report, whole or not at all, in place of the one of that name."""
