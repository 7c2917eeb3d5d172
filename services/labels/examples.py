"""What the labeller sees in examples, encoded once for each model."""

import logging
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from domain.arrays import Floats
from domain.batches import batched
from domain.errors import NotFound, StorageUnavailable
from domain.ports.models import DualEncoder
from domain.ports.stores import VocabularyStore
from services.images.decode import decode_image
from services.progress import CancelCheck, ignore_check

logger = logging.getLogger(__name__)

ReadExamples = Callable[[Sequence[str]], Mapping[str, bytes]]
"""Gives at least the image files with these sha256."""


class ExampleVectors:
    """Vectors of examples by sha256. Holds no request state.

    Args:
        store: Keeps the pictures and the vectors.
    """

    def __init__(self, store: VocabularyStore) -> None:
        self._store = store

    def of(self, digests: Sequence[str], encoder: DualEncoder) -> Floats:
        """Vectors float32 [M, D] as `encoder.encode_images` gives them; unknown ones are computed and kept.

        Raises:
            NotFound: The vocabulary was deleted meanwhile.
            StorageUnavailable: The store cannot be used now.
        """
        model = encoder.info.sha256
        known = self._store.vectors(model, digests)
        missing = [digest for digest in dict.fromkeys(digests) if digest not in known]
        if missing:
            fresh = _encode(missing, self._stored, encoder, ignore_check)
            self._store.put_vectors(model, fresh)
            known = {**known, **fresh}
        return np.stack([known[digest] for digest in digests])

    def encode(
        self, pictures: Mapping[str, bytes], encoder: DualEncoder, check: CancelCheck
    ) -> dict[str, Floats]:
        """Vectors [D] of image files by sha256, which need not be kept yet; `check` is asked in between.

        Raises:
            StorageUnavailable: The store cannot be used now.
        """
        known = self._store.vectors(encoder.info.sha256, [*pictures])
        missing = [digest for digest in pictures if digest not in known]
        return {**known, **_encode(missing, lambda _: pictures, encoder, check)}

    def keep(self, vectors: Mapping[str, Floats], encoder: DualEncoder) -> None:
        """Keep what was seen in pictures that are kept by now. Without it the next one to ask looks again."""
        try:
            self._store.put_vectors(encoder.info.sha256, vectors)
        except StorageUnavailable as error:
            logger.warning("vectors of examples were not kept: %s", error.message)

    def _stored(self, digests: Sequence[str]) -> Mapping[str, bytes]:
        files = self._store.pictures(digests)
        if len(files) < len(digests):
            raise NotFound("expected the examples of a vocabulary, got one that was deleted meanwhile")
        return files


def _encode(
    digests: Sequence[str], pictures: ReadExamples, encoder: DualEncoder, check: CancelCheck
) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for part in batched(digests, encoder.prompting.batch_size):
        check()
        files = pictures(part)
        vectors = encoder.encode_images([decode_image(files[digest]) for digest in part])
        found.update(zip(part, vectors, strict=True))
    return found
