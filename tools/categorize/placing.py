"""Copies, moves and links single files: whole or not at all, never over another, never losing the source."""

import errno
import filecmp
import os
import shutil
from contextlib import suppress
from pathlib import Path

from adapters.files import fsync_folder
from tools.categorize.types import FileAction

PARTIAL_COPY_NAME = ".categorize.part"
"""A copy under way, in the folder it goes to."""


def place_file(source: Path, target: Path, action: FileAction) -> None:
    """Copy, move or link `source` to `target`, whose folder is there.

    Raises:
        FileExistsError: The name is taken.
        OSError: It cannot be done; the source is as it was.
    """
    if action == "link":
        target.symlink_to(source)
    elif action == "copy":
        _copy_file(source, target)
    elif source.is_symlink():
        # A relative link would lead nowhere from its new place: the picture stays, a new link replaces it.
        target.symlink_to(source.resolve())
        _remove_source(source, target)
    else:
        _move_file(source, target)


def complete_placement(source: Path, target: Path, action: FileAction) -> bool:
    """Finish a `place` that was interrupted; False where nothing of it is there, or something else is."""
    (target.parent / PARTIAL_COPY_NAME).unlink(missing_ok=True)
    if not os.path.lexists(target):
        return False
    if not os.path.lexists(source):
        return action == "move"
    if not _is_placed(source, target, action):
        return False
    if action == "move" and _directory_entry(source) != _directory_entry(target):
        fsync_folder(target.parent)
        source.unlink()
    return True


def _directory_entry(path: Path) -> Path:
    """Where the name itself stands, whatever links lead there: two paths may mean one file's only name."""
    return path.parent.resolve() / path.name


def _is_placed(source: Path, target: Path, action: FileAction) -> bool:
    if action == "link":
        return target.is_symlink() and target.readlink() == source
    if source.is_symlink() and action == "move":
        return target.is_symlink() and target.resolve() == source.resolve()
    return not target.is_symlink() and target.is_file() and filecmp.cmp(source, target, shallow=False)


def _copy_file(source: Path, target: Path, durable: bool = False) -> None:
    part = target.parent / PARTIAL_COPY_NAME
    part.unlink(missing_ok=True)
    try:
        with source.open("rb") as read, part.open("xb") as written:
            shutil.copyfileobj(read, written)
            written.flush()
            if durable:
                os.fsync(written.fileno())
        with suppress(OSError):  # times and permissions are worth keeping, not worth failing
            shutil.copystat(source, part)
        _rename_new(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _move_file(source: Path, target: Path) -> None:
    try:
        _rename_new(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_file(source, target, durable=True)
        fsync_folder(target.parent)
        _remove_source(source, target)


def _remove_source(source: Path, target: Path) -> None:
    """Remove the old name of what has a new one; where that is forbidden, the new one goes again."""
    try:
        source.unlink(missing_ok=True)
    except OSError:
        target.unlink()
        raise


def _rename_new(source: Path, target: Path) -> None:
    """Rename within a device, without what os.rename does to a file that has the new name already.

    Raises:
        FileExistsError: The name is taken.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.EXDEV, errno.ENOENT, errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        _rename_without_links(source, target)
    else:
        _remove_source(source, target)


def _rename_without_links(source: Path, target: Path) -> None:
    """For file systems without hard links: an empty file claims the name first."""
    target.open("xb").close()
    try:
        source.replace(target)
    except BaseException:
        target.unlink()
        raise
