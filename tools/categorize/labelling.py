"""Labels image files in batches while worker threads read and decode the next ones."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.arrays import Rgb
from domain.batches import batched
from domain.errors import ServiceError
from domain.labels import LabelPrediction
from domain.models import ModelInfo
from domain.ports.compute import WorkerPool
from domain.ports.models import DualEncoder, ModelProvider
from services.images.limits import ImageLimits
from services.labels.confidence import LabelOptions, choose_label, label_probabilities
from services.labels.encode import ImageVectors, map_with_encoder
from services.labels.vectors import VocabularyEncoder
from tools.categorize.decoding import decode_reduced, encode_thumbnail
from tools.categorize.types import PhotoFile


@dataclass(frozen=True)
class UnreadableFile:
    """A file that could not be read or decoded.

    Attributes:
        reason: One sentence for the user.
        permanent: Whether the file will fail again as long as its content is the same.
    """

    reason: str
    permanent: bool = True


FileResult = LabelPrediction | UnreadableFile


@dataclass(frozen=True)
class LabelledFile:
    """A file with its result.

    Attributes:
        file: The file.
        result: Its label, or the reason why it has none.
        thumbnail: JPEG file; None where none was requested or the file is unreadable.
    """

    file: PhotoFile
    result: FileResult
    thumbnail: bytes | None = None


@dataclass(frozen=True)
class _DecodedFile:
    file: PhotoFile
    rgb: Rgb | None = None
    thumbnail: bytes | None = None
    error: UnreadableFile | None = None


class BatchLabeller:
    """Labels files; it keeps no state between calls.

    Args:
        labeller: Provides the image-text encoder.
        vocabulary_encoder: Encodes the labels.
        pool: Threads that read and decode.
        limits: Largest accepted files and images.
        decode: Decodes the bytes of a file to uint8 [H, W, 3].
    """

    def __init__(
        self,
        labeller: ModelProvider[DualEncoder],
        vocabulary_encoder: VocabularyEncoder,
        pool: WorkerPool,
        limits: ImageLimits,
        decode: Callable[[bytes, ImageLimits], Rgb] = decode_reduced,
    ) -> None:
        self._labeller = labeller
        self._vocabulary_encoder = vocabulary_encoder
        self._pool = pool
        self._limits = limits
        self._decode = decode

    @property
    def info(self) -> ModelInfo:
        """The labeller's name and hash.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        return self._labeller.get().info

    def label_files(
        self,
        files: Iterable[PhotoFile],
        load: Callable[[PhotoFile], bytes],
        options: LabelOptions,
        thumbnails: bool,
    ) -> Iterator[LabelledFile]:
        """Yield the result of each file, in order.

        Threads of the pool decode the next files while the network runs, on the caller's thread or, where
        it uses one core, on theirs. They are ahead of the network by at most two batches, or two files per
        thread, so memory does not grow with the number of files.

        Args:
            files: The files.
            load: Returns the bytes of a file; raises OSError where it cannot be read.
            options: The vocabulary and how a label is chosen.
            thumbnails: Whether to make thumbnails.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        encoder = self._labeller.get()
        size = encoder.prompting.batch_size

        def decode_part(part: Sequence[PhotoFile]) -> list[_DecodedFile]:
            return [self._decode_file(file, load, thumbnails) for file in part]

        def label_batch(batch: Sequence[_DecodedFile]) -> list[LabelledFile]:
            return [*self._label_batch(batch, encoder, options)]

        parts = self._pool.map(decode_part, batched(files, max(1, size // self._pool.workers)))
        batches = batched((decoded for part in parts for decoded in part), size)
        for labelled in map_with_encoder(label_batch, batches, encoder.prompting, self._pool):
            yield from labelled

    def _decode_file(
        self, file: PhotoFile, load: Callable[[PhotoFile], bytes], thumbnails: bool
    ) -> _DecodedFile:
        try:
            self._limits.check_file_size(file.size)
            rgb = self._decode(load(file), self._limits)
        except ServiceError as error:
            return _DecodedFile(file, error=UnreadableFile(error.message))
        except OSError as error:
            reason = f"could not be read: {error.strerror or error}"
            return _DecodedFile(file, error=UnreadableFile(reason, permanent=False))
        return _DecodedFile(file, rgb, encode_thumbnail(rgb) if thumbnails else None)

    def _label_batch(
        self, batch: Sequence[_DecodedFile], encoder: DualEncoder, options: LabelOptions
    ) -> Iterator[LabelledFile]:
        images = [decoded.rgb for decoded in batch if decoded.rgb is not None]
        predictions = iter(self._predict(images, encoder, options))
        for decoded in batch:
            yield LabelledFile(decoded.file, decoded.error or next(predictions), decoded.thumbnail)

    def _predict(
        self, images: Sequence[Rgb], encoder: DualEncoder, options: LabelOptions
    ) -> Sequence[LabelPrediction]:
        if not images:
            return []
        image_vectors = ImageVectors.of(encoder.encode_images(images), encoder, images)
        probabilities = label_probabilities(
            image_vectors, encoder, self._vocabulary_encoder, options.vocabulary
        )
        return [choose_label(row, options) for row in probabilities]
