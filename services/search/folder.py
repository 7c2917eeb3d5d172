"""Index image files in folders of this machine; the running service finds them as well."""

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
"""Result of adding a file: `known` means that it was indexed already and has not changed."""


class FolderIndex:
    """Indexes image files by their paths.

    The index holds stored images, and uploads expire. A file is therefore copied into the image store under a
    file_id of its own that does not expire, until it is removed here.

    Args:
        images: Stores the copies.
        service: Indexes the copies.
        index: Holds the ids of the copies that are indexed.
        files: Maps paths to file_ids.
    """

    def __init__(
        self, images: ImageService, service: IndexService, index: VectorIndex, files: IndexedFileStore
    ) -> None:
        self._images = images
        self._service = service
        self._index = index
        self._files = files

    def add(self, file: Path, options: IndexOptions, model: str, progress: Progress) -> IndexStatus:
        """Index a file unless it is indexed and unchanged; the result is durable when this returns.

        A changed file replaces its earlier copy, and a file left half indexed by a killed process is
        completed. Concurrent callers that add the same file use the same file_id and repeat the work.

        Args:
            file: The path of the file.
            options: Options of indexing the image.
            model: sha256 of the labeller in use; a file indexed with another labeller is indexed again.
            progress: Receives the stages.

        Raises:
            OSError: The file cannot be read.
            MalformedRequest, TooLarge, UnsupportedMedia, InvalidImage: The file is not a usable image.
            ModelUnavailable: A model is missing.
            StorageUnavailable: The copy or the index cannot be written.
        """
        path, now = _path(file), file.stat()
        known = self._files.get(path)
        if known is not None and not _unchanged(known, now):
            self._drop(known)
        elif known is not None and self._indexed(known, options, model):
            return "known"
        # The path is claimed first, so that the next run finds the file_id of what a killed process stored.
        fresh = IndexedFile(path, now.st_size, now.st_mtime_ns, new_file_id(), regions=False)
        entry = self._files.claim(fresh)
        self._service.add(self._copy(file, entry.file_id), options, progress)
        if not self._files.update(replace(entry, regions=options.masks is not None)):
            self._erase(entry.file_id)  # Another process dropped it meanwhile.
            return self.add(file, options, model, progress)
        return "added" if known is None and entry == fresh else "updated"

    def stored(self, file: Path) -> Photo | None:
        """Return the indexed copy of a file, or None if the file is not indexed or has changed."""
        known = self._files.get(_path(file))
        if known is None or not _unchanged(known, file.stat()):
            return None
        try:
            return self._images.photo(known.file_id)
        except NotFound:
            return None

    def remove(self, path: str) -> bool:
        """Remove a file from the index and delete its copy; return whether it was indexed."""
        known = self._files.get(path)
        if known is not None:
            self._drop(known)
        return known is not None

    def inside(self, folder: Path) -> list[str]:
        """Return the paths of the indexed files in a folder and its subfolders."""
        return [file.path for file in self._files.inside(os.path.realpath(folder))]

    def names(self, file_ids: list[str]) -> dict[str, str]:
        """Return paths by file_id for those images that are copies of files."""
        return self._files.paths(file_ids)

    def _drop(self, known: IndexedFile) -> None:
        self._erase(known.file_id)
        self._files.remove(known)
        self._erase(known.file_id)  # Another process may have added it again until the path was removed.

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
            with suppress(NotFound):  # Another process may have stored it just now.
                self._images.photo(file_id)
                return
            raise error


def _path(file: Path) -> str:
    return os.path.realpath(file)


def _unchanged(known: IndexedFile, now: os.stat_result) -> bool:
    return (known.size, known.mtime_ns) == (now.st_size, now.st_mtime_ns)
