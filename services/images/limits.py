"""Limits of image files: bytes, pixels and sides."""

from dataclasses import dataclass

from domain.errors import InvalidImage, TooLarge


@dataclass(frozen=True)
class ImageLimits:
    """Bounds that an image file must keep.

    Attributes:
        max_bytes: Largest size of the file in bytes.
        max_pixels: Largest width times height.
        min_side: Least length of the shorter side in pixels.
    """

    max_bytes: int
    max_pixels: int
    min_side: int = 16

    def check_file_size(self, size: int) -> None:
        """Refuse a file of too many bytes.

        Raises:
            TooLarge: `size` is above `max_bytes`.
        """
        if size > self.max_bytes:
            raise TooLarge(
                f"expected an image file of at most {self.max_bytes:,} bytes, got {size:,}",
                {"max_bytes": self.max_bytes, "bytes": size},
            )

    def check_image_size(self, width: int, height: int) -> None:
        """Refuse an image of too many pixels or with a side that is too short.

        Raises:
            TooLarge: Width times height is above `max_pixels`.
            InvalidImage: A side is below `min_side`.
        """
        size = {"width": width, "height": height}
        if width * height > self.max_pixels:
            raise TooLarge(
                f"expected an image of at most {self.max_pixels:,} pixels, "
                f"got {width}x{height} = {width * height:,}",
                {"max_pixels": self.max_pixels, **size},
            )
        if min(width, height) < self.min_side:
            raise InvalidImage(
                f"expected an image with sides of at least {self.min_side} pixels, got {width}x{height}",
                {"min_side": self.min_side, **size},
            )
