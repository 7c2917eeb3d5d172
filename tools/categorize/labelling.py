"""Names photographs of a folder in batches, while the next ones are read and decoded."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.arrays import Rgb
from domain.batches import batched
from domain.errors import ServiceError
from domain.labels import LabelPrediction
from domain.models import ModelInfo
from domain.ports.compute import WorkerPool
from domain.ports.models import DualEncoder, ModelProvider
from services.images.decode import ImageLimits
from services.labels.confidence import LabelOptions, choose_label, label_probabilities
from services.labels.encode import ImageVectors, map_with_encoder
from services.labels.vectors import VocabularyEncoder
from tools.categorize.reading import check_file_size, decode_reduced, encode_thumbnail
from tools.categorize.types import PhotoFile


@dataclass(frozen=True)
class UnreadableFile:
    """A file that is no photograph after all.

    Attributes:
        reason: Why.
        lasting: Whether it stays so as long as the file is as it is.
    """

    reason: str
    lasting: bool = True


FileResult = LabelPrediction | UnreadableFile


@dataclass(frozen=True)
class LabelledFile:
    """A file, what it is, and a small picture of it where one can be had and was asked for."""

    file: PhotoFile
    answer: FileResult
    thumbnail: bytes | None = None


@dataclass(frozen=True)
class _DecodedFile:
    file: PhotoFile
    rgb: Rgb | None = None
    thumbnail: bytes | None = None
    trouble: UnreadableFile | None = None


class BatchLabeller:
    """Holds no request state.

    Args:
        labeller: Looks at photographs.
        texts: Encoded vocabularies.
        pool: Threads that read and decode.
        limits: What a file may be.
        read: Gives pixels for the bytes of a file.
    """

    def __init__(
        self,
        labeller: ModelProvider[DualEncoder],
        texts: VocabularyEncoder,
        pool: WorkerPool,
        limits: ImageLimits,
        read: Callable[[bytes, ImageLimits], Rgb] = decode_reduced,
    ) -> None:
        self._labeller = labeller
        self._vocabulary_encoder = texts
        self._pool = pool
        self._limits = limits
        self._read = read

    @property
    def labeller(self) -> ModelInfo:
        """Which model looks.

        Raises:
            ModelUnavailable: There is none.
        """
        return self._labeller.get().info

    def name(
        self,
        files: Iterable[PhotoFile],
        load: Callable[[PhotoFile], bytes],
        options: LabelOptions,
        thumbnails: bool,
    ) -> Iterator[LabelledFile]:
        """What each file is, in order.

        Threads of the pool decode what comes next while the network runs, on the caller's thread or, where
        it uses one core, on theirs. They are ahead by no more than two batches, or two files each, of either:
        so many images are in memory, however many there are.

        Raises:
            ModelUnavailable: There is no labeller.
        """
        encoder = self._labeller.get()
        size = encoder.prompting.batch_size

        def open_all(some: Sequence[PhotoFile]) -> list[_DecodedFile]:
            return [self._open(file, load, thumbnails) for file in some]

        def name_all(batch: Sequence[_DecodedFile]) -> list[LabelledFile]:
            return [*self._batch(batch, encoder, options)]

        parts = self._pool.map(open_all, batched(files, max(1, size // self._pool.workers)))
        batches = batched((opened for part in parts for opened in part), size)
        for named in map_with_encoder(name_all, batches, encoder.prompting, self._pool):
            yield from named

    def _open(self, file: PhotoFile, load: Callable[[PhotoFile], bytes], thumbnails: bool) -> _DecodedFile:
        try:
            check_file_size(file.size, self._limits)
            rgb = self._read(load(file), self._limits)
        except ServiceError as error:
            return _DecodedFile(file, trouble=UnreadableFile(error.message))
        except OSError as error:
            reason = f"could not be read: {error.strerror or error}"
            return _DecodedFile(file, trouble=UnreadableFile(reason, lasting=False))
        return _DecodedFile(file, rgb, encode_thumbnail(rgb) if thumbnails else None)

    def _batch(
        self, batch: Sequence[_DecodedFile], encoder: DualEncoder, options: LabelOptions
    ) -> Iterator[LabelledFile]:
        namings = iter(self._look([one.rgb for one in batch if one.rgb is not None], encoder, options))
        for one in batch:
            yield LabelledFile(one.file, one.trouble or next(namings), one.thumbnail)

    def _look(
        self, images: Sequence[Rgb], encoder: DualEncoder, options: LabelOptions
    ) -> Sequence[LabelPrediction]:
        if not images:
            return []
        image_vectors = ImageVectors.of(encoder.encode_images(images), encoder)
        return [
            choose_label(row, options)
            for row in label_probabilities(
                image_vectors, encoder, self._vocabulary_encoder, options.vocabulary
            )
        ]
