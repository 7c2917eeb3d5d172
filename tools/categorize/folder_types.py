"""Photographs as files of a folder."""

from dataclasses import dataclass
from typing import Literal

Deed = Literal["copy", "move", "link"]
"""What may be done with a file. A link is a symbolic one."""


@dataclass(frozen=True, order=True)
class PhotoFile:
    """A file that should be a photograph. When its content changes, it is another one.

    Attributes:
        path: From the folder on, parts joined by "/".
        size: Bytes.
        mtime_ns: Time of the last change, Unix nanoseconds.
    """

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, order=True)
class Problem:
    """Something that could not be used, and why.

    Attributes:
        path: From the folder on; "." is the folder itself.
        reason: One sentence.
    """

    path: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """What lies in a folder.

    Attributes:
        files: Photographs by their suffix, ordered by path.
        ignored: How many files are none, or hidden.
        linked_folders: How many symbolic links to folders were not followed.
        problems: What could not be looked at.
    """

    files: tuple[PhotoFile, ...]
    ignored: int = 0
    linked_folders: int = 0
    problems: tuple[Problem, ...] = ()
