"""Puts photographs of folders on this machine into the index, where the running service finds them too."""

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal

from domain.errors import NotFound, StorageUnavailable
from domain.index import IndexedFile
from domain.ports.stores import IndexedFileStore, VectorIndex
from services.images.photo import Photo
from services.images.upload import ImageService, new_file_id
from services.progress import Progress
from services.search.index import IndexOptions, IndexService

IndexStatus = Literal["added", "updated", "known"]
"""What was done about a file."""


class FolderIndex:
    """Indexes files by their paths.

    The index searches stored photographs, which uploads make and which expire. A file is stored as one that
    does not: its bytes are copied into the image store, under a file_id of its own, until it is removed here.

    Args:
        images: Where the copies go.
        service: Indexes them.
        index: Knows which of them are indexed.
        files: Remembers which of them a path is.
    """

    def __init__(
        self, images: ImageService, service: IndexService, index: VectorIndex, files: IndexedFileStore
    ) -> None:
        self._images = images
        self._service = service
        self._index = index
        self._files = files

    def add(self, file: Path, options: IndexOptions, model: str, progress: Progress) -> IndexStatus:
        """Index a file unless it is indexed as it stands; what was done is durable at the return.

        A file that changed replaces itself. What a killed process left half done is done to the end. Of
        those who add a file at once one does, and the others do the same again under the same file_id.

        Args:
            file: The file.
            options: What is indexed of it.
            model: sha256 of the labeller in use; what another one indexed is indexed again.
            progress: Hears of the stages.

        Raises:
            OSError: It cannot be read.
            MalformedRequest, TooLarge, UnsupportedMedia, InvalidImage: It is no photograph.
            ModelUnavailable: A model is missing.
            StorageUnavailable: Nothing can be stored.
        """
        path, now = _path(file), file.stat()
        known = self._files.get(path)
        if known is not None and not _unchanged(known, now):
            self._drop(known)
        elif known is not None and self._indexed(known, options, model):
            return "known"
        # The path is claimed first: whatever a killed process stored has a name that the next run finds.
        fresh = IndexedFile(path, now.st_size, now.st_mtime_ns, new_file_id(), regions=False)
        entry = self._files.claim(fresh)
        self._service.add(self._copy(file, entry.file_id), options, progress)
        if not self._files.update(replace(entry, regions=options.masks is not None)):
            self._erase(entry.file_id)  # it was dropped meanwhile, by who found it changed or forgot it
            return self.add(file, options, model, progress)
        return "added" if known is None and entry == fresh else "updated"

    def stored(self, file: Path) -> Photo | None:
        """The indexed photograph that a file is; None where it is not, or has changed."""
        known = self._files.get(_path(file))
        if known is None or not _unchanged(known, file.stat()):
            return None
        try:
            return self._images.photo(known.file_id)
        except NotFound:
            return None

    def remove(self, path: str) -> bool:
        """Take a file out of the index and delete its copy; whether it was there."""
        known = self._files.get(path)
        if known is not None:
            self._drop(known)
        return known is not None

    def inside(self, folder: Path) -> list[str]:
        """Paths of the indexed files anywhere in a folder."""
        return [file.path for file in self._files.inside(str(folder.resolve()))]

    def names(self, file_ids: list[str]) -> dict[str, str]:
        """Paths by file_id, for those photographs that are files."""
        return self._files.paths(file_ids)

    def _drop(self, known: IndexedFile) -> None:
        self._erase(known.file_id)
        self._files.remove(known)
        self._erase(known.file_id)  # another process may have added it until its path was forgotten

    def _erase(self, file_id: str) -> None:
        self._index.remove(file_id)
        self._images.remove(file_id)

    def _indexed(self, known: IndexedFile, options: IndexOptions, model: str) -> bool:
        enough = known.regions or options.masks is None
        return enough and self._index.find(model, known.file_id) is not None

    def _copy(self, file: Path, file_id: str) -> Photo:
        try:
            return self._images.photo(file_id)
        except NotFound:
            self._keep(file, file_id)
            return self._images.photo(file_id)

    def _keep(self, file: Path, file_id: str) -> None:
        try:
            self._images.keep(file.read_bytes(), file_id)
        except StorageUnavailable as error:
            with suppress(NotFound):  # another process may have stored it just now
                self._images.photo(file_id)
                return
            raise error


def _path(file: Path) -> str:
    return str(file.resolve())


def _unchanged(known: IndexedFile, now: os.stat_result) -> bool:
    return (known.size, known.mtime_ns) == (now.st_size, now.st_mtime_ns)
