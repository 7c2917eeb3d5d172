"""What the labeller sees in examples, encoded once for each model."""

from collections.abc import Sequence

import numpy as np

from domain.errors import NotFound
from domain.ports import DualEncoder, VocabularyStore
from domain.types import Floats
from services.decoding import decode


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
            fresh = self._encode(missing, encoder)
            self._store.put_vectors(model, fresh)
            known = {**known, **fresh}
        return np.stack([known[digest] for digest in digests])

    def _encode(self, digests: Sequence[str], encoder: DualEncoder) -> dict[str, Floats]:
        found: dict[str, Floats] = {}
        size = encoder.prompting.batch_size
        for start in range(0, len(digests), size):
            part = digests[start : start + size]
            files = self._store.pictures(part)
            if len(files) < len(part):
                raise NotFound("expected the examples of a vocabulary, got one that was deleted meanwhile")
            vectors = encoder.encode_images([decode(files[digest]) for digest in part])
            found.update(zip(part, vectors, strict=True))
        return found
