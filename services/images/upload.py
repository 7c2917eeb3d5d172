"""Takes photographs in, and gives them back as arrays."""

import secrets
import time
from collections.abc import Callable

from domain.arrays import Rgb
from domain.image import ImageRecord
from domain.ports.stores import ImageStore
from services.images.decode import ImageLimits, decode_image, raise_pillow_pixel_limit, read_image_header
from services.images.photo import Photo


class ImageService:
    """Uploads and reads photographs. Holds no request state: many threads share it.

    Args:
        store: Where files are kept.
        limits: What an upload may be.
        ttl_s: Seconds after which an image expires; None keeps it.
        clock: Unix seconds.
    """

    def __init__(
        self,
        store: ImageStore,
        limits: ImageLimits,
        ttl_s: float | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._limits = limits
        self._ttl_s = ttl_s
        self._clock = clock
        # Here too, and not only in `inspect`: another process may have taken in what this one decodes.
        raise_pillow_pixel_limit(limits.max_pixels)

    def upload(self, data: bytes) -> ImageRecord:
        """Check the file, decode it once so that a damaged one is refused now, and store its bytes.

        Raises:
            MalformedRequest: No bytes.
            TooLarge: Over a limit.
            UnsupportedMedia: No image of a format that is read.
            InvalidImage: Too small, truncated or corrupt.
            StorageUnavailable: The store cannot write.
        """
        return self._validate_and_store(data, new_file_id(), self._ttl_s)

    def keep(self, data: bytes, file_id: str) -> ImageRecord:
        """Store a file under a new file_id of the caller's until `remove`.

        Raises:
            MalformedRequest, TooLarge, UnsupportedMedia, InvalidImage, StorageUnavailable: As `upload` does.
        """
        return self._validate_and_store(data, file_id, None)

    def remove(self, file_id: str) -> None:
        """Delete a stored photograph; one that is not there is no error."""
        self._store.remove(file_id)

    def read(self, data: bytes) -> Rgb:
        """The upright image of a file that is not stored: uint8 [H, W, 3], C-contiguous.

        Raises:
            MalformedRequest, TooLarge, UnsupportedMedia, InvalidImage: As `upload` does.
        """
        read_image_header(data, self._limits)
        return decode_image(data)

    def photo(self, file_id: str) -> Photo:
        """The stored photograph, not decoded yet.

        Raises:
            NotFound: Never stored, or expired.
        """
        record = self._store.get(file_id)
        return Photo(file_id, record.width, record.height, lambda: decode_image(self._store.read(file_id)))

    def _validate_and_store(self, data: bytes, file_id: str, ttl_s: float | None) -> ImageRecord:
        header = read_image_header(data, self._limits)
        height, width, _ = decode_image(data).shape
        now = self._clock()
        record = ImageRecord(
            file_id=file_id,
            width=width,
            height=height,
            format=header.format,
            bytes=len(data),
            created_at=now,
            expires_at=None if ttl_s is None else now + ttl_s,
        )
        self._store.put(record, data)
        return record


def new_file_id() -> str:
    """A name that cannot be guessed."""
    return secrets.token_hex(16)
