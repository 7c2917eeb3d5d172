"""Copies, moves and links single files: completely or not at all, without overwriting or losing any."""

import errno
import filecmp
import os
import shutil
from contextlib import suppress
from pathlib import Path

from adapters.files import fsync_folder
from tools.categorize.types import FileAction

PARTIAL_COPY_NAME = ".categorize.part"
"""Name of an unfinished copy in its target folder."""


def place_file(source: Path, target: Path, action: FileAction) -> None:
    """Copy, move or link `source` to `target`, whose folder exists.

    Raises:
        FileExistsError: `target` exists.
        OSError: The action failed; the source is unchanged.
    """
    if action == "link":
        target.symlink_to(source)
    elif action == "copy":
        _copy_file(source, target)
    elif source.is_symlink():
        # A relative link would be broken in its new folder: a new link to the same image replaces it.
        target.symlink_to(source.resolve())
        _remove_source(source, target)
    else:
        _move_file(source, target)


def complete_placement(source: Path, target: Path, action: FileAction) -> bool:
    """Complete a `place_file` that was interrupted.

    Returns:
        False where `target` is missing or is another file, so that `place_file` must be repeated.
    """
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
    """Return the path with its folder's links resolved, since two paths may mean a file's only name."""
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
        with source.open("rb") as reader, part.open("xb") as writer:
            shutil.copyfileobj(reader, writer)
            writer.flush()
            if durable:
                os.fsync(writer.fileno())
        with suppress(OSError):  # A copy without the times and permissions is better than none.
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
    """Remove the source of a move; where that is forbidden, remove the target instead and raise."""
    try:
        source.unlink(missing_ok=True)
    except OSError:
        target.unlink()
        raise


def _rename_new(source: Path, target: Path) -> None:
    """Rename within a device without replacing an existing target, as os.rename would.

    Raises:
        FileExistsError: `target` exists.
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
    """Rename on a file system without hard links, where an empty file reserves the name first."""
    target.open("xb").close()
    try:
        source.replace(target)
    except BaseException:
        target.unlink()
        raise
