"""Image store in a folder that several processes may share."""

import json
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

from adapters.content_index import ContentIndex
from adapters.files import fsync_folder, storage_errors, write_durable_file
from domain.errors import NotFound, ServiceError, StorageUnavailable
from domain.image import ImageRecord

_FILE_ID_PATTERN: Final = re.compile(r"[0-9a-f]{32}")
_TEMPORARY_PREFIX: Final = "tmp-"
_IMAGE_FILE: Final = "image"
_RECORD_FILE: Final = "record.json"

SWEEP_INTERVAL_S: Final = 60.0
TEMPORARY_MAX_AGE_S: Final = 3600.0


class DiskImageStore:
    """The port `ImageStore`: one folder per image, named by its file_id, with the file and `record.json`.

    A record is written to a temporary folder beside the others and renamed to its place, and renamed before
    it is deleted, so that readers see all of it or nothing. A folder beside it tells which images have the
    same bytes.

    Args:
        root: The folder; it is created if it is missing.
        clock: Returns the time in Unix seconds.
    """

    def __init__(self, root: Path, clock: Callable[[], float] = time.time) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root
        self._contents = ContentIndex(root.with_name(f"{root.name}-by-content"))
        self._clock = clock
        self._swept_at = float("-inf")
        self._sweeping = threading.Lock()

    def put(self, record: ImageRecord, data: bytes) -> None:
        """Store a record and its bytes atomically: both, or nothing, are there afterwards.

        Raises:
            StorageUnavailable: The disk is full or cannot be written.
        """
        self._sweep_if_due()
        final = self._folder(record.file_id)
        temporary = self._temporary()
        with storage_errors("store the image"):
            try:
                temporary.mkdir()
                write_durable_file(temporary / _IMAGE_FILE, data)
                write_durable_file(temporary / _RECORD_FILE, json.dumps(asdict(record)).encode())
                fsync_folder(temporary)
                self._note_content(record)
                temporary.rename(final)
            except BaseException:
                shutil.rmtree(temporary, ignore_errors=True)
                self._forget_content(record)
                raise
            fsync_folder(self._root)

    def get(self, file_id: str) -> ImageRecord:
        """Return the record.

        Raises:
            NotFound: The image was never stored, or it has expired.
            StorageUnavailable: The disk cannot be read, or the record is damaged.
        """
        record = self._record(file_id)
        if record.expired(self._clock()):
            self.remove(file_id)
            raise _image_not_found(file_id)
        return record

    def read(self, file_id: str) -> bytes:
        """Return the uploaded bytes.

        Raises:
            NotFound: The image was never stored, or it has expired.
            StorageUnavailable: The disk cannot be read, or the record is damaged.
        """
        self.get(file_id)
        return self._bytes(file_id, _IMAGE_FILE)

    def remove(self, file_id: str) -> None:
        """Delete a record and its bytes, if they are there."""
        with suppress(NotFound, StorageUnavailable):  # Without a readable record the folder goes, too.
            self._forget_content(self._record(file_id))
        with suppress(NotFound):
            self._delete(file_id)

    def has_content(self, sha256: str) -> bool:
        """Return whether a stored image has the bytes of this SHA-256.

        An image that was stored before the folder of contents existed is not known by its bytes.

        Raises:
            StorageUnavailable: The disk cannot be read.
        """
        with storage_errors("read the images"):
            return any(self._has(file_id, sha256) for file_id in self._contents.file_ids(sha256))

    def _has(self, file_id: str, sha256: str) -> bool:
        try:
            return self.get(file_id).sha256 == sha256
        except NotFound:  # A process died between the two, or another one deletes it now.
            self._contents.remove(sha256, file_id)
        except StorageUnavailable:  # A damaged record says nothing about its bytes.
            pass
        return False

    def sweep(self) -> None:
        """Delete expired records, and temporary folders that a process left behind when it died."""
        with suppress(OSError):
            for folder in list(self._root.iterdir()):
                # Other processes sweep too: a missing or damaged record is not a reason to stop.
                with suppress(OSError, ServiceError):
                    self._sweep_one(folder)

    def _sweep_if_due(self) -> None:
        with self._sweeping:
            due = self._clock() - self._swept_at >= SWEEP_INTERVAL_S
            if due:
                self._swept_at = self._clock()
        if due:
            self.sweep()

    def _sweep_one(self, folder: Path) -> None:
        if folder.name.startswith(_TEMPORARY_PREFIX):
            if self._clock() - folder.stat().st_mtime > TEMPORARY_MAX_AGE_S:
                shutil.rmtree(folder, ignore_errors=True)
        elif _FILE_ID_PATTERN.fullmatch(folder.name):
            self.get(folder.name)

    def _record(self, file_id: str) -> ImageRecord:
        try:
            fields = json.loads(self._bytes(file_id, _RECORD_FILE))
            return ImageRecord(**{**fields, "warnings": tuple(fields.get("warnings", ()))})
        except (ValueError, TypeError, AttributeError) as error:
            raise StorageUnavailable(
                f"expected a readable record of image {file_id}, got a damaged one: {error}"
            ) from error

    def _bytes(self, file_id: str, name: str) -> bytes:
        path = self._folder(file_id) / name
        with storage_errors("read the image"):
            try:
                return path.read_bytes()
            except FileNotFoundError as error:
                raise _image_not_found(file_id) from error

    def _delete(self, file_id: str) -> None:
        trash_folder = self._temporary()
        with suppress(OSError):
            self._folder(file_id).rename(trash_folder)
            shutil.rmtree(trash_folder, ignore_errors=True)

    def _note_content(self, record: ImageRecord) -> None:
        if record.sha256 is not None:
            self._contents.add(record.sha256, record.file_id)

    def _forget_content(self, record: ImageRecord) -> None:
        if record.sha256 is not None:
            self._contents.remove(record.sha256, record.file_id)

    def _folder(self, file_id: str) -> Path:
        if not _FILE_ID_PATTERN.fullmatch(file_id):
            raise _image_not_found(file_id)
        return self._root / file_id

    def _temporary(self) -> Path:
        return self._root / f"{_TEMPORARY_PREFIX}{secrets.token_hex(16)}"


def _image_not_found(file_id: str) -> NotFound:
    shown = file_id[:64]
    return NotFound(
        f"expected the file_id of a stored image, got {shown!r}: it was never stored, it has expired "
        "(images are kept for the configured time), or it was deleted",
        {"file_id": shown},
    )
