"""Image vectors of few-shot examples, encoded once for each model and kept in the vocabulary store."""

import logging
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from domain.arrays import Floats
from domain.batches import batched
from domain.errors import NotFound, StorageUnavailable
from domain.ports.models import DualEncoder
from domain.ports.stores import VocabularyStore
from services.images.decode import decode_image
from services.progress import CancelCheck, ignore

logger = logging.getLogger(__name__)

ReadExamples = Callable[[Sequence[str]], Mapping[str, bytes]]
"""Returns at least the image files with the given sha256, by sha256."""


class ExampleVectors:
    """Provides the vectors of examples by sha256. It is stateless and shared by threads.

    Args:
        store: Keeps the images and their vectors.
    """

    def __init__(self, store: VocabularyStore) -> None:
        self._store = store

    def of(self, digests: Sequence[str], encoder: DualEncoder) -> Floats:
        """Return the vectors float32 [M, D] of stored examples; missing ones are encoded and stored.

        Raises:
            NotFound: The vocabulary was deleted in the meantime.
            StorageUnavailable: The store cannot be used now.
        """
        model = encoder.info.sha256
        known = self._store.vectors(model, digests)
        missing = [digest for digest in dict.fromkeys(digests) if digest not in known]
        if missing:
            encoded = _encode(missing, self._stored_files, encoder, ignore)
            self._store.put_vectors(model, encoded)
            known = {**known, **encoded}
        return np.stack([known[digest] for digest in digests])

    def encode(
        self, images: Mapping[str, bytes], encoder: DualEncoder, check: CancelCheck
    ) -> dict[str, Floats]:
        """Return the vectors [D] of image files by sha256, whether or not they are stored yet.

        `check` is called before each batch.

        Raises:
            StorageUnavailable: The store cannot be used now.
        """
        known = self._store.vectors(encoder.info.sha256, [*images])
        missing = [digest for digest in images if digest not in known]
        return {**known, **_encode(missing, lambda _: images, encoder, check)}

    def keep(self, vectors: Mapping[str, Floats], encoder: DualEncoder) -> None:
        """Store the vectors of examples that are stored already; on failure they are encoded again later."""
        try:
            self._store.put_vectors(encoder.info.sha256, vectors)
        except StorageUnavailable as error:
            logger.warning("could not store the vectors of examples: %s", error.message)

    def _stored_files(self, digests: Sequence[str]) -> Mapping[str, bytes]:
        files = self._store.example_images(digests)
        if len(files) < len(digests):
            raise NotFound("expected a vocabulary with its examples, got one that was deleted meanwhile")
        return files


def _encode(
    digests: Sequence[str], read: ReadExamples, encoder: DualEncoder, check: CancelCheck
) -> dict[str, Floats]:
    """Return the vectors [D] of the examples by sha256, encoded in batches."""
    encoded: dict[str, Floats] = {}
    for batch in batched(digests, encoder.prompting.batch_size):
        check()
        files = read(batch)
        vectors = encoder.encode_images([decode_image(files[digest]) for digest in batch])
        encoded.update(zip(batch, vectors, strict=True))
    return encoded
