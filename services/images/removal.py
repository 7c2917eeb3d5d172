"""Deletes an upload and everything that was derived from it."""

from collections.abc import Iterable
from contextlib import suppress

from domain.errors import NotFound
from domain.ports.stores import Cache
from services.images.upload import ImageService
from services.jobs.service import JobService
from services.search.index import IndexService


class UploadRemoval:
    """Deletes uploads. It is stateless and shared by threads.

    Args:
        images: Stored images.
        jobs: Jobs, whose answers are about images.
        index: The search index.
        caches: Results in the memory of this process.
    """

    def __init__(
        self, images: ImageService, jobs: JobService, index: IndexService, caches: Iterable[Cache]
    ) -> None:
        self._images = images
        self._jobs = jobs
        self._index = index
        self._caches = tuple(caches)

    def remove(self, file_id: str) -> None:
        """Delete an upload, its jobs and answers, its entry in the index and its cached results.

        Cached results stay while another upload has the same bytes. Taught examples are copies, and stay.

        Raises:
            NotFound: The image is not stored.
            StorageUnavailable: A store cannot be written.
        """
        record = self._images.record(file_id)
        self._images.remove(file_id)  # It goes first, so that no job and no request begins on it.
        self._jobs.forget_image(file_id)
        with suppress(NotFound):
            self._index.remove(file_id)
        if record.sha256 is None or not self._images.has_content(record.sha256):
            for cache in self._caches:
                cache.remove(record.content_key)
