"""Checks and stores uploaded images, and loads them again as photos.

Only the file is stored. The pixels that are decoded to check an upload are dropped, and decoded again when a
photo is used, because they take many times the space of the file.
"""

import secrets
import time
from collections.abc import Callable

from domain.arrays import Rgb
from domain.image import ImageRecord
from domain.ports.stores import ImageStore
from services.images.decode import decode_image, read_image
from services.images.limits import ImageLimits
from services.images.photo import Photo
from services.images.readers import image_format, page_count, raise_pillow_pixel_limit


class ImageService:
    """Stores uploads and reads them. It holds no request state, so many threads share it.

    Args:
        store: Keeps the files.
        limits: Bounds on an upload.
        ttl_s: Seconds after which an upload expires; None keeps it.
        clock: Returns the time in Unix seconds.
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
        # This process decodes, without limits, what another one may have accepted.
        raise_pillow_pixel_limit(limits.max_pixels)

    def upload(self, data: bytes) -> ImageRecord:
        """Check the file, decode it once so that a damaged one is refused now, and store its bytes.

        Raises:
            MalformedRequest: There are no bytes.
            TooLarge: The file has too many bytes or pixels.
            UnsupportedMedia: The bytes are no image of a format that is read.
            InvalidImage: The image is too small, truncated or corrupt.
            StorageUnavailable: The store cannot be written.
        """
        return self._validate_and_store(data, new_file_id(), self._ttl_s)

    def keep(self, data: bytes, file_id: str) -> ImageRecord:
        """Check and store a file under a new file_id that the caller chooses, until `remove` is called.

        Raises:
            MalformedRequest, TooLarge, UnsupportedMedia, InvalidImage, StorageUnavailable: See `upload`.
        """
        return self._validate_and_store(data, file_id, None)

    def remove(self, file_id: str) -> None:
        """Delete a stored image; a file_id that is not stored is not an error."""
        self._store.remove(file_id)

    def read(self, data: bytes) -> Rgb:
        """Check and decode a file without storing it: upright, uint8 [H, W, 3], C-contiguous.

        Raises:
            MalformedRequest, TooLarge, UnsupportedMedia, InvalidImage: See `upload`.
        """
        return decode_image(data, self._limits)

    def photo(self, file_id: str) -> Photo:
        """Return the stored image, not decoded yet.

        Raises:
            NotFound: The image was never stored, or has expired.
        """
        record = self._store.get(file_id)
        return Photo(file_id, record.width, record.height, lambda: decode_image(self._store.read(file_id)))

    def _validate_and_store(self, data: bytes, file_id: str, ttl_s: float | None) -> ImageRecord:
        decoded = read_image(data, self._limits)
        height, width, _ = decoded.rgb.shape
        now = self._clock()
        record = ImageRecord(
            file_id=file_id,
            width=width,
            height=height,
            format=image_format(data),
            page_count=page_count(data),
            bytes=len(data),
            created_at=now,
            expires_at=None if ttl_s is None else now + ttl_s,
            background=decoded.background,
            warnings=decoded.warnings,
        )
        self._store.put(record, data)
        return record


def new_file_id() -> str:
    """Return a random id that cannot be guessed: 128 bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)
